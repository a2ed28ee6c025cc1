import { assertEquals } from "@std/assert";
import { toPlainText } from "../../../src/text/markdown/plain.ts";

/** Checks what Markdown becomes, pair by pair. */
function check(pairs: readonly (readonly [markdown: string, plain: string])[]): void {
  for (const [markdown, plain] of pairs) assertEquals(toPlainText(markdown), plain, markdown);
}

/** Checks that Markdown stays as it is. */
function checkSame(texts: readonly string[]): void {
  for (const text of texts) assertEquals(toPlainText(text), text);
}

Deno.test("toPlainText() takes emphasis away", () => {
  check([
    ["**a** *b* ***c*** __d__ _e_ ~~f~~ ~g~", "a b c d e f g"],
    ["**a *b* c** *d **e***", "a b c d e"],
    ["un**believ**able", "unbelievable"],
    ["*foo**bar*", "foo**bar"],
    ["**“quoted”**, (*yes*)", "“quoted”, (yes)"],
    ["**Note:**text", "Note:text"],
    ["**/etc/hosts**", "/etc/hosts"],
  ]);
});

Deno.test("toPlainText() takes emphasis away beside Chinese, Japanese and Korean", () => {
  check([
    ["这是**“重要”**的。请看**注意：**内容", "这是“重要”的。请看注意：内容"],
    ["これは**「太字」**です", "これは「太字」です"],
    ["이것은 **강조(强調)**입니다", "이것은 강조(强調)입니다"],
  ]);
});

Deno.test("toPlainText() leaves identifiers, paths and patterns", () => {
  checkSame([
    "max_retry_count and _private and SCREAMING_SNAKE_CASE",
    "__init__.py, __main__ and obj.__dict__",
    "src/**/*.ts and tests/**/*.ts, also *.js",
    "/usr/_next_/static/_x_/y ~/notes ~user",
    "C:\\Temp\\_x_\\new C:\\Users\\me",
    "/* comment */ and //",
    "--verbose ---quiet -- and — ok",
  ]);
});

Deno.test("toPlainText() leaves arithmetic and comparisons", () => {
  checkSame([
    "2*3*4 = 24, 5 * 6 * 7, 2**10, x**2 + y**2, 3*x*y, a*b*c, (1)*(2)*(3)",
    "3 < 5 and 7 > 2, a -> b, x <= y, <3",
    "about ~5 to ~6, 5~10",
    "$5 and $10, $HOME/bin:$PATH",
  ]);
});

Deno.test("toPlainText() leaves mathematics readable", () => {
  check([
    ["$e^{i\\pi} + 1 = 0$ and $a_1 * b_1 * c$", "$e^{i\\pi} + 1 = 0$ and $a_1 * b_1 * c$"],
    ["$$\nx = \\frac{1}{2}\n$$", "x = \\frac{1}{2}"],
    ["so $$E = mc^2$$ holds", "so E = mc^2 holds"],
    ["\\(a^2 + b^2\\) and \\[\nx_1\n\\]", "a^2 + b^2 and x_1"],
    ["\\[not a link\\](x) \\(note\\)", "[not a link](x) (note)"],
  ]);
});

Deno.test("toPlainText() undoes escapes and decodes references", () => {
  check([
    ["\\*a\\* \\_b\\_ 1\\. \\# \\\\ \\`c\\` \\d", "*a* _b_ 1. # \\ `c` \\d"],
    [
      "Fish &amp; chips &lt;3 &copy; &#8364;5 &#x41; &hearts; &nope;",
      "Fish & chips <3 © €5 A ♥ &nope;",
    ],
    ["a&#x202e;b&#7;c&#xd800;d", "abcd"],
    ["`&amp; \\*`", "&amp; \\*"],
  ]);
});

Deno.test("toPlainText() keeps code spans as they are", () => {
  check([
    ["`a_b*c*` ``x ` y`` ` `` ` `**z**`", "a_b*c* x ` y `` **z**"],
    ["`open", "`open"],
    ["`a\nb`", "a b"],
    ["``a` b", "``a` b"],
  ]);
});

Deno.test("toPlainText() shows links with their URLs", () => {
  check([
    ["[the guide](https://e.com/a_b?x=1&y=2#top)", "the guide (https://e.com/a_b?x=1&y=2#top)"],
    [
      "[a](<https://e.com/x y> 'T') [b](https://e.com/(c))",
      "a (https://e.com/x%20y) b (https://e.com/(c))",
    ],
    ["[**b** `c_d`](https://e.com)", "b c_d (https://e.com)"],
    ["[](https://e.com)", "https://e.com"],
    ["[x](#part) [y](javascript:alert%281%29)", "x y"],
    ["[a [b](https://e.com)](https://f.com)", "[a b (https://e.com)](https://f.com)"],
    [
      "[a][r] [r][] [R] [no]\n\n[r]: https://e.com",
      "a (https://e.com) r (https://e.com) R (https://e.com) [no]",
    ],
    ["As [1] says.\n\n[1]: https://e.com", "As [1] (https://e.com) says."],
    [
      "It is 57[1](https://e.com) km.[2](https://f.com)",
      "It is 57[1] (https://e.com) km.[2] (https://f.com)",
    ],
    ["See [12](https://e.com).", "See 12 (https://e.com)."],
    ["[open](https://e.com/a_b_c", "[open](https://e.com/a_b_c"],
  ]);
});

Deno.test("toPlainText() shows a URL once when the label says no more", () => {
  check([
    ["[https://e.com/a_b](https://e.com/a_b)", "https://e.com/a_b"],
    ["[e.com](https://e.com/)", "https://e.com/"],
    ["[me@e.com](mailto:me@e.com) [mail](mailto:me@e.com)", "me@e.com mail (me@e.com)"],
    ["[+1 555-123 4567](tel:+15551234567)", "+1 555-123 4567"],
    ["[+1 555 123 4567](tel:+1-555-123-4567)", "+1 555 123 4567"],
    ["<https://e.com/_a_> <me@e.com>", "https://e.com/_a_ me@e.com"],
  ]);
});

Deno.test("toPlainText() keeps bare URLs to the letter", () => {
  check([
    ["https://e.com/_a_/b__c__d*e* www.x_y_z.com", "https://e.com/_a_/b__c__d*e* www.x_y_z.com"],
    ["**https://e.com/a_b** _https://e.com/c_", "https://e.com/a_b https://e.com/c"],
    ["(_https://e.com/x_)", "(https://e.com/x)"],
    ["(see https://e.com/a_(b)).", "(see https://e.com/a_(b))."],
    ["https://e.com/?a=1&amp;b=2 https://e.com/a\\_b", "https://e.com/?a=1&b=2 https://e.com/a_b"],
  ]);
});

Deno.test("toPlainText() shows images with their URLs, badges with their link", () => {
  check([
    ["![Sales](https://e.com/s_1.png)", "Sales (https://e.com/s_1.png)"],
    ["![](https://e.com/s.png)", "https://e.com/s.png"],
    ["![x](data:image/png;base64,AAAA)", "x"],
    ["[![Build](https://i.com/b.svg)](https://ci.com/run_1)", "Build (https://ci.com/run_1)"],
    ["![a ![b](https://x.com)](https://y.com)", "a b (https://y.com)"],
  ]);
});

Deno.test("toPlainText() leaves brackets that are no links", () => {
  checkSame(["Press [Enter], see [1] and array[0], f(x)[y].", "[ ] [x] ![no]", "a] b ]( c"]);
});

Deno.test("toPlainText() takes tags away and keeps their text", () => {
  check([
    ["a <b>b</b> <i class='x'>c</i><br>d", "a b c\nd"],
    ["10<sup>6</sup> H<sub>2</sub>O", "10^6 H2O"],
    [
      '<a href="https://e.com/a_b">x</a> <img src="https://e.com/i.png" alt="pic">',
      "x (https://e.com/a_b) pic (https://e.com/i.png)",
    ],
    ["a <!-- b --> c <? d ?> e", "a c e"],
    ["<a href='https://e.com'>open", "open (https://e.com)"],
  ]);
});

Deno.test("toPlainText() leaves words in angle brackets", () => {
  checkSame(["List<String> and Map<Key, Object>", "Set<Object> of <your-name> <YOUR_KEY>"]);
  checkSame([
    "Dear <Customer Name>, text <your full name> or <address of the shop>",
    "Hi <name>, on <date> at <time>: code <code>, to <address>",
    "if a<b or c>d, and function f<K extends string>(key: K)",
  ]);
  check([
    ["<details open>x</details> <input checked disabled> <P hidden>y</P>", "x\ny"],
    ["at <time>9:00</time>, <code>a_b</code>, <label>x</label>", "at 9:00, a_b, x"],
    ["<CODE>x</CODE> <output>Hi\n\nthere</output>\n\n<form>\n\ny\n\n</form>", "x Hi\n\nthere\n\ny"],
    ["<table border><tr><td nowrap>1</td></tr></table>", "1"],
    ["<video controls src='https://e.com/v'></video>z", "z"],
  ]);
});

Deno.test("toPlainText() keeps emoji, right-to-left marks and scripts whole", () => {
  check([
    ["✅ **Done** 👨‍👩‍👧‍👦 🇩🇪 1️⃣ 👍🏽 :smile:", "✅ Done 👨‍👩‍👧‍👦 🇩🇪 1️⃣ 👍🏽 :smile:"],
    ["**שלום**\u200f עולם", "שלום\u200f עולם"],
    ["*สวัสดี* **नमस्ते**", "สวัสดี नमस्ते"],
  ]);
});
