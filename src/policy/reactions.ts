/**
 * Reactions (tapbacks): what iPhones and Android phones send as a text when somebody taps a thumb or a
 * heart on a message, in the language of that phone.
 *
 * @module
 */

/** White space that phones put between the emoji and the quotation marks, and characters without a shape. */
const INVISIBLE = /[\u200a-\u200f\u2060-\u2064\ufeff]/g;
const QUOTED = `[“„«»"‘「『‹”].*[”“»«"’」』›]`;
const EMOJI = String
  .raw`(?:[\p{Extended_Pictographic}\u{fe0f}\u{20e3}\u{1f3fb}-\u{1f3ff}\u{1f1e6}-\u{1f1ff}]{1,12}|[\d#*]\u{fe0f}?\u{20e3})`;

/** What stands before the quoted message, in the languages that phones say it in. */
const VERBS = [
  // English
  "liked|loved|disliked|laughed at|emphasi[sz]ed|questioned",
  "removed an? (?:like|heart|dislike|laugh|emphasis|exclamation(?: mark)?|question mark|reaction|sticker) from|reacted with a sticker to",
  "added an? (?:like|heart|dislike|laugh|emphasis|exclamation mark|question mark) to",
  // German
  "(?:hat )?(?:ge)?liebt|mag|mag nicht|gefällt|gefiel|gefällt nicht|gefiel nicht|gefällt mir|gefällt mir nicht",
  "lacht über|lachte über|hat gelacht über|betont|betonte|hervorgehoben|hinterfragt|hinterfragte",
  "(?:hat )?(?:ein(?:e|en)? )?(?:„?gefällt mir(?: nicht)?“?|herz|lachen|ausrufezeichen|fragezeichen)(?:-markierung)? (?:für|von|bei) (?:der nachricht )?",
  // French
  "a (?:aimé|adoré|ri de|ri à|mis l[’']accent sur|mis en évidence|mis un point d[’']interrogation (?:à|sur)|insisté sur|souligné|questionné|remis en question)",
  "n[’']a pas aimé|a (?:supprimé|retiré) (?:un|une|le|la) .{1,30} (?:de|du|à|sur)",
  // Spanish
  "le (?:ha )?(?:gustó|gustado|encantó|encantado|gusta|encanta|dio risa|dado risa|hizo gracia|hecho gracia)|no le (?:ha )?(?:gustó|gustado|gusta)",
  "(?:se )?r[ií][oó] (?:de|con)|enfatizó|destacó|cuestionó|preguntó por|(?:eliminó|quitó) (?:un|una|el|la) .{1,30} (?:de|a)",
  // Italian
  "ha messo mi piace a|piace|adora|ha adorato|ha amato|non piace|non ha gradito|ha gradito",
  "ha riso (?:di|per|a)|ride per|ha enfatizzato|ha contestato|ha evidenziato|ha messo in (?:dubbio|discussione)|ha rimosso (?:un|una|il|la) .{1,30} (?:da|a)",
  // Portuguese
  "gostou de|curtiu|amou|adorou|não gostou de|não curtiu|riu (?:de|com)|enfatizou|destacou|questionou",
  "removeu (?:um|uma|o|a) .{1,30} (?:de|em|a)",
  // Dutch
  "vond leuk|vindt leuk|hield van|houdt van|vond niet leuk|lachte om|moest lachen om|benadrukte|stelde een vraag over|markeerde",
  // Swedish, Danish, Norwegian, Finnish
  "gillade|älskade|ogillade|skrattade åt|betonade|ifrågasatte|synes godt om|syntes godt om|elskede|elsket|likte|mislikte|lo av|grinede ad|grinte av|fremhævede|fremhevet|tykkäsi(?: viestistä)?|rakasti(?: viestiä)?",
  // Polish, Czech, Russian, Ukrainian, Turkish
  "polubiono|polubił(?:a|\\(a\\))?|uwielbia|nie polubiono|nie lubi|rozbawiło|podkreślono|zakwestionowano",
  "líbí se mi|(?:to )?se líbí|nelíbí se|zdůraznil[a]?",
  "понравилось|нравится|обожает|не понравилось|не нравится|смеется над|смеётся над|выделил(?:а|\\(а\\))?|подчеркнул(?:а|\\(а\\))?|вопрос к",
  "вподоба(?:в|но)|сподобалося|beğendi|beğenildi|bayıldı",
  // Indonesian, Vietnamese, Thai, Arabic
  "menyukai|menertawakan|đã (?:thích|yêu thích|không thích|cười)|ถูกใจ|أُ?عجب بـ?",
  // Chinese and Korean put the verb in front too.
  "喜欢|喜歡|爱|愛|不喜欢|不喜歡|笑|强调|強調|质疑|質疑|赞了|讚了|点赞了",
].join("|");

/** What a message without words is called. */
const THINGS =
  "\\d+ (?:images|photos|pictures|videos|attachments|files)|an? (?:image|photo|picture|movie|video|attachment|audio message|voice message|sticker|link|contact(?: card)?|location|file|message|gif|document|poll|pdf)|" +
  "an? .{0,20}(?:image|attachment)|ein(?:e|en)? (?:bild|foto|video|film|anhang|audionachricht|sprachnachricht|link|sticker)|" +
  "une? (?:image|photo|vidéo|pièce jointe|message audio)|un[ao'’]? ?(?:imagen|foto|vídeo|video|archivo adjunto|mensaje de audio|immagine|filmato|allegato|messaggio audio)|" +
  "um(?:a)? (?:imagem|foto|vídeo|anexo|mensagem de áudio)|een (?:afbeelding|foto|video|bijlage)|en (?:bild|film|bilaga)|et (?:billede|bilde)|изображение|фото";

/** Between an emoji and the message. */
const TO =
  "to|from|a|à|al|alla|ao|auf|bei|zu|von|op|på|til|na|do|на|к|de|da|em|sur|für|för|om|with|para|voor|ke|對|对";

/** What stands before an emoji: somebody's own words there are a request, such as `Add 🍞 to “groceries”`. */
const REACTED =
  "(?:(?:hat|a|ha) )?(?:reacted|reagiert|reagierte|réagi|reaccionó|reagito|reagiu|reageerde|reagerade|reagerede|reagerte|" +
  "reagoval|reaguje|zareagował|zareagowano|отреагировал|прореагировал|реакция|відреагував|removed|entfernte|entfernt|supprimé|" +
  "retiré|quitó|eliminó|rimosso|removeu|verwijderde|tog bort|fjernede|fjernet|usunięto|odstranil|удалил|mit)(?:\\(-?[аa]\\)|a|а)? " +
  "(?:(?:mit|avec|par|con|com|med|met|with|an?|une?|le|la|el|реакцию|с помощью) ){0,2}";

const REACTIONS: readonly RegExp[] = [
  new RegExp(`^(?:${VERBS}):?\\s*(?:${QUOTED}|(?:${THINGS}))[.。]?$`, "isu"),
  // 👍 to “…”, Reacted 😂 to “…”, Removed a 👍 reaction from “…”, Hat mit 😂 auf „…“ reagiert
  new RegExp(
    `^(?:${REACTED})?${EMOJI} ?(?:reaction )?(?:${TO}) ?(?:${QUOTED}|(?:${THINGS}))(?: reagiert)?$`,
    "isu",
  ),
  // Hat ein Bild geliebt
  new RegExp(`^hat (?:${THINGS}) (?:geliebt|hinterfragt|betont)$`, "isu"),
];

/** A tap's name. */
const TAPPED_DE =
  "(?:ein(?:e[mnr]?)? )?(?:„gefällt mir(?: nicht)?“|herz|lachen|ausrufezeichen|fragezeichen)";
const TAPPED_ROMANCE = '[“«"]?(?:me gusta|me encanta|mi piace|j[’\']aime|gostei)[”»"]?';
const TAPPED_JA =
  `いいね|よくないね|ハート|大好き|笑|強調|感嘆|疑問|はてな|リアクション|反応|スタンプ|${EMOJI}`;
const TAPPED_KO = `좋아요|싫어요|하트|사랑|웃음|강조|느낌표|물음표|반응|공감|${EMOJI}`;
/** What is done with it; with other words people speak of what they quote. */
const DONE_JA =
  "(?:(?:リアクション|反応|評価|表示|追加)?し|付け|つけ|言い|い|残し|送り|押し)ました";
const DONE_KO =
  "(?:(?:표시|추가|반응|공감|리액션)?(?:함|했습니다|하였습니다)|남김|남겼습니다|누름|눌렀습니다|보냄|보냈습니다|보임|보였습니다|달았습니다)";

/** With something after the quoted message, which may be quoted too. */
const AROUND: readonly RegExp[] = [
  // Hat „…“ mit „Gefällt mir“ markiert, vond “…” leuk, '…'을(를) 좋아합니다
  /^(?:hat |vond |vindt )?[“„«"‘'「『][^]*[”“»"’'」』] ?(?:mit (?:„[^“]{1,30}“|eine[mr] [\p{L}-]{3,20}) markiert|(?:niet )?leuk|geweldig|gefällt(?: mir)?(?: nicht)?|을\(를\) .{1,20})$/iu,
  // “…”に「いいね」しました, 「…」に👍をつけました, '…'에 👍 반응을 남김
  new RegExp(
    `^${QUOTED}[にを] ?[「『“"']?(?:${TAPPED_JA})[!！]?[」』”"']?(?:マーク|リアクション|スタンプ)?[でとを]?${DONE_JA}$`,
    "isu",
  ),
  new RegExp(
    `^(?:${QUOTED}|'.*')에 (?:대해 )?[“‘「"']?(?:${TAPPED_KO})[”’」"']?(?: ?(?:표시|반응|공감|리액션))?(?:으?로|[을를])?(?: ?${DONE_KO})?$`,
    "isu",
  ),
  // Hat „…“ geliebt, hat über „…“ gelacht, hat ein Herz von „…“ entfernt, hat ein Bild mit „Gefällt mir“ markiert
  new RegExp(
    `^hat (?:über )?${QUOTED} (?:nicht )?(?:geliebt|gemocht|gelacht|betont|hervorgehoben|hinterfragt)$`,
    "isu",
  ),
  new RegExp(
    `^hat (?:${TAPPED_DE}|${EMOJI}) (?:von|für|bei) (?:${QUOTED}|(?:${THINGS})) entfernt$`,
    "isu",
  ),
  new RegExp(`^hat (?:${THINGS}) mit (?:${TAPPED_DE}) markiert$`, "isu"),
  new RegExp(`^(?:vond|vindt) (?:${THINGS}) (?:niet )?(?:leuk|geweldig)$`, "isu"),
  // Le dio “Me gusta” a “…”, ha messo “Mi piace” a “…”, a retiré un J’aime de « … »
  new RegExp(
    `^(?:le (?:ha )?(?:dio|dado)|ha messo|ha rimosso|a ajouté|a retiré|eliminó|quitó|deu|removeu) (?:un |uno |o )?${TAPPED_ROMANCE} (?:a|à|al|de|da|do|em) (?:${QUOTED}|(?:${THINGS}))$`,
    "isu",
  ),
  // Reacted to “…” with 👍, 对“…”作出了👍回应, “…” öğesine 👍 ile tepki verdi
  new RegExp(
    `^(?:reacted to |对|對|hat auf )?${QUOTED} ?(?:with|mit|作出了?|做出了?|表示|öğesine) ?${EMOJI}(?: ?(?:回应|回應|反应|反應|reagiert|ile tepki verdi))?$`,
    "isu",
  ),
  // 以👍回应“…”, 对“…”点了赞, “…” mesajını beğendi
  new RegExp(`^以${EMOJI}(?:回应|回應)${QUOTED}$`, "isu"),
  new RegExp(`^[对對]${QUOTED}(?:点了赞|點了讚|表示(?:喜欢|喜歡|赞|讚))$`, "isu"),
  new RegExp(`^${QUOTED} (?:mesajını )?(?:beğendi|beğenmedi|beğenildi|bayıldı|güldü)$`, "isu"),
];

/**
 * Whether all quotation marks of a text are around one piece of it: phones quote one message, people may
 * name two things. Marks of another kind than the outer ones do not count, nor do pairs within.
 */
function quotesOnce(text: string): boolean {
  let opener = "";
  let depth = 0;
  let pieces = 0;
  for (let i = 0; i < text.length; i++) {
    const mark = text[i]!;
    const afterSpace = i === 0 || /[\s(“„«"「]/.test(text[i - 1]!);
    if (depth === 0) {
      // At the end it can open nothing.
      if (!/[“„«»"‘「『‹”]/.test(mark) || (mark === "”" && i === text.length - 1)) continue;
      [opener, depth, pieces] = [mark, 1, pieces + 1];
    } else if (
      mark === CLOSERS[opener] && !(mark === opener && afterSpace && i < text.length - 1)
    ) {
      depth--;
    } else if (mark === opener) {
      depth++;
    }
  }
  return pieces <= 1;
}

const CLOSERS: Readonly<Record<string, string>> = {
  "“": "”",
  "„": "“",
  "«": "»",
  "»": "«",
  '"': '"',
  "‘": "’",
  "「": "」",
  "『": "』",
  "‹": "›",
  "”": "”",
};

/** Beyond this no phone quotes; and what is matched stays bounded. */
const REACTION_CHARS_MAX = 1_700;

/** Whether a text is a reaction to one of ours, rather than something somebody wrote. */
export function isReaction(text: string): boolean {
  if (text.length > REACTION_CHARS_MAX) return false;
  const plain = text.replace(INVISIBLE, "").replace(/\s+/g, " ").trim();
  // Phones begin with a capital letter.
  if (/^\p{Ll}/u.test(plain)) return false;
  return AROUND.some((pattern) => pattern.test(plain)) ||
    (quotesOnce(plain) && REACTIONS.some((pattern) => pattern.test(plain)));
}
