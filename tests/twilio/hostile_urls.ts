/**
 * URLs that a hostile text, or a hostile redirect, may name.
 *
 * @module
 */
/** The message whose files are asked for. */
export const OWNER = { accountSid: `AC${"0".repeat(32)}`, messageSid: `MM${"1".repeat(32)}` };
/** The path of one of its files. */
export const PATH =
  `/2010-04-01/Accounts/${OWNER.accountSid}/Messages/${OWNER.messageSid}/Media/ME` +
  "2".repeat(32);
/** Twilio's API. */
export const API = "https://api.twilio.com";
/** The one URL that is right. */
export const START = API + PATH;

/** Hosts that a hostile URL may name, in the spellings that parsers fall for. */
const HOSTILE_HOSTS = [
  "127.0.0.1",
  "127.1",
  "0.0.0.0",
  "0",
  "2130706433",
  "017700000001",
  "0x7f000001",
  "0x7f.1",
  "127.0.0.1.",
  "localhost",
  "localhost.",
  "LOCALHOST",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[0:0:0:0:0:ffff:7f00:1]",
  "[fe80::1]",
  "[fd00::1]",
  "[64:ff9b::7f00:1]",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "[fd00:ec2::254]",
  "100.100.100.200",
  "metadata.google.internal",
  "203.0.113.9",
  "evil.example",
  "api.twilio.com.evil.example",
  "evilapi.twilio.com.example",
  "xtwilio.com",
  "twilio.com.evil.example",
  "mms.twiliocdn.com.evil.example",
  "eviltwiliocdn.com",
  "s3.evil.example",
  "s3.amazonaws.com.evil.example",
  "evils3.amazonaws.com",
  "ec2.amazonaws.com",
  `s3${".a-a-a-a-a-a-a".repeat(16)}.evil.example`,
  "sqs.us-east-1.amazonaws.com",
  "api\u3002twilio\u3002com.evil.example",
  "\u24b6pi.twilio.com.evil.example",
  "1\u30022\u30023\u30024",
  "127\uff0e0\uff0e0\uff0e1",
  "\u2460\u2461\u2466.0.0.1",
  "127.0.0.1%00.twilio.com",
  "127.0.0.1%2f.twilio.com",
  "evil.example%23.twilio.com",
];

/** What stands around the host. */
const HOSTILE_FRAMES: ((host: string) => string)[] = [
  (host) => `https://${host}${PATH}`,
  (host) => `http://${host}${PATH}`,
  (host) => `https://api.twilio.com@${host}${PATH}`,
  (host) => `https://api.twilio.com:pw@${host}${PATH}`,
  (host) => `https://${host}:8443${PATH}`,
  (host) => `https://${host}\\@api.twilio.com${PATH}`,
];

/** URLs that lead to Twilio's API, but not to a file of this message. */
export const NEAR_MISSES = [
  `http://api.twilio.com${PATH}`,
  `HTTPS://api.twilio.com${PATH}`,
  `https://API.twilio.com${PATH}`,
  `https://api.twilio.com.${PATH}`,
  `https://api.twilio.com:443${PATH}`,
  `https://user@api.twilio.com${PATH}`,
  `https://:@api.twilio.com${PATH}`,
  `${START}/`,
  `${START}.json`,
  `${START}?x=1`,
  `${START}#x`,
  `${START}\n`,
  ` ${START}`,
  `${START}/../../../Calls.json`,
  `${START.slice(0, -1)}`,
  `${START}0`,
  START.replace("/Media/", "//Media/"),
  START.replace("/Media/", "/./Media/"),
  START.replace("/Media/", "/%4dedia/"),
  START.replace("/Media/", "\\Media\\"),
  START.replace(OWNER.accountSid, `AC${"9".repeat(32)}`),
  START.replace(OWNER.messageSid, `MM${"9".repeat(32)}`),
  START.replace("2010-04-01", "2010-04-02"),
  "https://api.twilio.com/2010-04-01/Accounts.json",
  "//api.twilio.com" + PATH,
  PATH,
  "",
  "data:image/png;base64,AAAA",
  "file:///etc/passwd",
  "javascript:1",
  "blob:https://api.twilio.com/1",
];

/** Every host in every frame. */
export const HOSTILE_URLS: readonly string[] = HOSTILE_HOSTS.flatMap((host) =>
  HOSTILE_FRAMES.map((frame) => frame(host))
);
