/**
 * What the vector files under `tests/vectors` are run against, one line per part of the program.
 *
 * @module
 */
export { loadSmsAccount, parseJson5 } from "./adapt_config.ts";
export { normalizePhone, senderPolicy } from "./adapt_policy.ts";
export {
  buildRequest,
  classifyWebhook,
  interpretResponse,
  parseForm,
  validate,
} from "./adapt_twilio.ts";
export { chunk, partCounter, segments, toPlainText } from "./adapt_text.ts";
