import { assert, assertFalse } from "@std/assert";
import { isReaction } from "../../src/policy/reactions.ts";

Deno.test("isReaction() knows what iPhones and Android phones send for a tap, in many languages", () => {
  const reactions = [
    "Liked “Your appointment is at 5 pm”",
    "Loved an image",
    "Laughed at “one\ntwo”",
    "Emphasized “Dinner?”",
    'Questioned "Dinner?"',
    "Disliked a movie",
    "Removed a like from “Your appointment is at 5 pm”",
    "Removed a heart from an image",
    "👍 to “Your appointment is at 5 pm”",
    "\u200a\u200b👍\u200b to “\u200aYour appointment\u200a”\u200a",
    "Reacted 😂 to “Your appointment is at 5 pm”",
    "❤️ to “ok”",
    "👍🏽 to “ok”",
    "Removed 👍 from “ok”",
    "Reacted 😂 to an image",
    "Reagierte mit 😂 auf „Bis morgen“",
    "Hat mit 😂 auf „Bis morgen“ reagiert",
    "Hat „Bis morgen“ mit „Gefällt mir“ markiert",
    "Gefällt „Bis morgen“",
    "A aimé « À demain »",
    "A adoré une image",
    "A réagi avec 😂 à « À demain »",
    "Le gustó “Hasta mañana”",
    "Reaccionó con 😂 a “Hasta mañana”",
    "Ha messo mi piace a “A domani”",
    "Curtiu “Até amanhã”",
    "Gillade ”Vi ses”",
    "Понравилось «До завтра»",
    "“また明日”に「いいね」しました",
    "喜欢“明天见”",
    "Liked “He said “hi” to me”",
    'Liked "He said "hi" to me"',
    "Liked “5'10\" tall”",
    "Loved 2 images",
    "Removed an emphasis from “ok”",
    "Removed a 😂 reaction from “ok”",
    "Added a heart to “ok”",
    "Reacted to “ok” with 👍",
    "Hat ein Bild geliebt",
    "Ha reagito con 👍 a “ciao”",
    "Reageerde met 👍 op “tot morgen”",
    "Reagerade med 👍 på ”Vi ses”",
    "Reagoval(a) 👍 na „Uvidíme se“",
    "Отреагировал(а) 👍 на «До завтра»",
    "对“明天见”作出了👍回应",
    "'내일 봐요'에 👍 반응을 남김",
    "“x” öğesine 👍 ile tepki verdi",
    "“また明日”に👍でリアクションしました",
    "Reacted with a sticker to “ok”",
    "Removed a sticker from “ok”",
    "Reacted 1️⃣ to “ok”",
    "Liked a contact",
    "Liked a message",
    "Liked “the table is 5” tall”",
    "Hat „Bis morgen“ mit einem Herz markiert",
    "❤️ zu „Bis morgen“",
    "Le ha gustado “Hasta mañana”",
    "Нравится: «До завтра»",
  ];
  for (const text of reactions) assert(isReaction(text), text);
});

Deno.test("isReaction() lets through what people write themselves", () => {
  const written = [
    "Liked it a lot, thanks",
    "1 to “ok”",
    "Removed milk from “groceries”",
    "Questioned “ok” and then “left”",
    "👍",
    "👍 to that",
    "Loved the image you sent, can you make another?",
    "“Hello” is what he said",
    "He reacted badly to “hello”",
    "Loved “Dune”, what should I read next?",
    "What does “liked” mean?",
    "Removed a like from my list",
    'Loved "Dune" when I read it, what next?',
    'Loved "Dune", hated "It"',
    "Loved “Dune”. And “Foundation”",
    'Loved "Dune" or "Foundation"',
    "Add 🍞 to “groceries”",
    "Send 👍 to “Anna”",
    "Move 🍞 from “today” to “tomorrow”",
    "liked “Dune”",
    "Me gusta “Amélie”",
    "Loved an image of a cat",
    "Questioned “why”?",
    "liked",
    "",
  ];
  for (const text of written) assertFalse(isReaction(text), text);
});

Deno.test("isReaction() takes no time for texts made to take long", () => {
  assertFalse(isReaction("Removed a ".repeat(170)));
  assertFalse(isReaction(`a a a ${"“".repeat(1_600)}`));
  assertFalse(isReaction("👍".repeat(800)));
});
