/**
 * Limits that are no settings, each with its reason; one that a single function keeps may stand beside that.
 * A limit that users may change is a row of the settings table and has its default there.
 *
 * @module
 */

/** Twilio's form posts are a few KB; OpenClaw's plugin draws the same line. */
export const WEBHOOK_BODY_BYTES_MAX = 32 * 1024;
/** A body has arrived by then or its sender is stalling; Twilio itself waits 15 s in all. */
export const WEBHOOK_BODY_TIMEOUT_MS = 5_000;
/** A head has arrived by then, from the moment the connection was opened. */
export const WEBHOOK_HEADERS_TIMEOUT_MS = 5_000;
/** Unfinished bodies of all connections together; then the one that waits longest gives way. */
export const WEBHOOK_BUFFERED_BYTES_MAX = 16 * 1024 * 1024;
/** Connections at the same time, where the system lets us; then the one that waits longest gives way. */
export const WEBHOOK_CONNECTIONS_MAX = 4_096;
/** Connections that are kept after an answer: each holds memory, and Twilio may open one for each text. */
export const WEBHOOK_CONNECTIONS_KEPT_MAX = 128;
/** Descriptors that the public does not get: the store, the Gateway, Twilio, admin and control need below 200. */
export const DESCRIPTORS_RESERVED_MAX = 256;
/** A listener that went deaf is noticed, and opened anew, within this and the next. */
export const SELF_CHECK_INTERVAL_MS = 2_500;
/** Our own request is answered in a millisecond, and under the worst load in a second. */
export const SELF_CHECK_TIMEOUT_MS = 2_000;
/** A listener deaf for so long does not mend itself: the service manager restarts the program. */
export const DEAF_MS_MAX = 30_000;
/** Supervisors and browsers at the admin listener. */
export const ADMIN_CONNECTIONS_MAX = 64;
/** An admin page keeps its connection between two looks. */
export const ADMIN_KEEP_ALIVE_MS = 15_000;
/** Longer than proxies in Go keep an idle connection (90 s): the side that sends must close it first. */
export const WEBHOOK_KEEP_ALIVE_MS = 120_000;
/** What a command or a script may send over the control socket: an SMS with ten media addresses fits. */
export const CONTROL_BODY_BYTES_MAX = 64 * 1024;
/** The same where it brings a row of the store, whose 64 KiB grow when they are written as JSON in JSON. */
export const CONTROL_ROW_BODY_BYTES_MAX = 512 * 1024;
/** How long a command waits for the daemon's answer when it does not say otherwise. */
export const CONTROL_TIMEOUT_MS = 30_000;
/** A path of a Unix socket must fit into 104 bytes on macOS, its closing NUL included. */
export const CONTROL_PATH_BYTES_MAX = 100;
/** How long a MessageSid is remembered, so that a replay is known (Twilio keeps retrying for hours). */
export const DEDUPE_TTL_MS = 7 * 24 * 3_600_000;
/** How long an Idempotency-Key is remembered: a script that failed yesterday begins anew. */
export const IDEMPOTENCY_TTL_MS = 24 * 3_600_000;
/** Longer than any UUID or hash; a key of the store must stay below 2 KiB. */
export const IDEMPOTENCY_KEY_CHARS_MAX = 255;
/** Twilio takes no more files with one message (error 21623). */
export const OUTBOUND_MEDIA_MAX = 10;
/** One Twilio REST call, headers and body: what Twilio's own libraries allow. */
export const TWILIO_REQUEST_TIMEOUT_MS = 30_000;
/** A success body of Twilio's REST API is about 1 KB a message; a list page at most 1,000 of them. */
export const TWILIO_RESPONSE_BYTES_MAX = 4 * 1024 * 1024;
/** All files of one MMS; with the text Twilio takes 5 MB. */
export const MMS_BYTES_MAX = 5_000_000 - 10_000;
/** Files other than pictures, which Twilio cannot make smaller: the lowest limit of a carrier. */
export const MMS_OTHER_BYTES_MAX = 600_000;
/** How long a file of ours can be fetched: Twilio does so at once, and repeats it for a while. */
export const HOSTED_URL_TTL_MS = 10 * 60_000;
/** One request to a store on another machine: with the others of a webhook well below Twilio's 15 s. */
export const STORE_REQUEST_TIMEOUT_MS = 3_000;
/** How often a call to a store on another machine is tried before it has failed. */
export const STORE_TRIES_MAX = 3;
/** How long somebody who asks how the bridge is waits for a store on another machine. */
export const STORE_ASKED_MS_MAX = 1_500;
/** A commit that was not answered for so long: the store is away. */
export const STORE_PENDING_MS_MAX = 2_000;
/** What was heard of such a store holds for so long, without asking it again. */
export const STORE_KNOWN_MS = 1_000;
/** How long a bridge that shares a store may answer without having said so again. */
export const LEASE_MS = 10_000;
/** The holder gives its lease up so much earlier than another takes it: what it began must have left. */
export const LEASE_MARGIN_MS = 1_500;
/** How often the holder says that it is there; three may be lost. */
export const LEASE_RENEW_MS = 2_000;
/** A holder without a Gateway hands its lease over once another could have answered for so long. */
export const LEASE_OUTDONE_MS = 30_000;
/** How long a bridge that starts waits for another that brings the shared store to a new form. */
export const MIGRATION_WAIT_MS_MAX = 60_000;
/** How often a bridge that shares a store looks for what others put into it, and who holds the lease. */
export const SHARED_LOOK_MS = 500;
/** The same while the store tells by itself when there is something: for what it did not tell. */
export const SHARED_WATCHED_LOOK_MS = 5_000;
/** A store that watches rows says every few seconds that it does. */
export const WATCH_SILENT_MS_MAX = 15_000;
/** The longest pause between tries to have rows watched. */
export const WATCH_BACKOFF_MS_MAX = 30_000;
/** How often a bridge that shares a store says that it runs, whoever answers. */
export const MEMBER_BEAT_MS = 5_000;
/** A bridge is not said to stand by any more: two beats, and what a look at them may be late. */
export const MEMBER_SILENT_MS = 12_000;
/** A bridge not heard of for so long is said to be away. */
export const MEMBER_AWAY_MS = 20_000;
/** A bridge not heard of for so long loses its number, which the ids of its rows have in them. */
export const MEMBER_TTL_MS = 10 * 60_000;
/** How long running work is waited for after SIGTERM. */
export const DRAIN_TIMEOUT_MS = 10_000;

/** A request that Twilio took shows in its list within seconds; only then does absence mean "not sent". */
export const SEND_ABSENCE_GRACE_MS = 15_000;
/** The pause after the first failed try of a chunk; it doubles with each. */
export const SEND_BACKOFF_MS_MIN = 1_000;
/** The longest pause between tries of a chunk. */
export const SEND_BACKOFF_MS_MAX = 5 * 60_000;
/** An answer that is a day old is worth nothing to the person who asked. */
export const OUTBOX_AGE_MS_MAX = 24 * 3_600_000;
/** A text that waited a day for the Gateway is not answered out of the blue any more. */
export const INBOX_AGE_MS_MAX = 24 * 3_600_000;
/** Turns under way at the same time; each keeps a model busy. */
export const TURNS_MAX = 8;
/** How long one turn may take: agents with tools need minutes, not hours. */
export const TURN_TIMEOUT_MS = 30 * 60_000;

/** What the bridge says of itself is old news after this: nobody waits for it any more. */
export const NOTICE_TTL_MS = 30 * 60_000;
/** A pairing code must serve for a while when it arrives. */
export const PAIRING_CODE_LEFT_MS_MIN = 10 * 60_000;
/** How long a pairing code serves, as with OpenClaw. */
export const PAIRING_TTL_MS = 3_600_000;
/** Pairing requests kept for an account; the oldest give way. */
export const PAIRING_PENDING_MAX = 50;
/** Each reply to a stranger is an SMS that the owner pays, whoever asked for it. */
export const PAIRING_REPLIES_PER_DAY_MAX = 20;
/** A quarter of them for numbers that begin alike, as those of one carrier's block do: they cost little to rent. */
export const PAIRING_REPLIES_PER_PREFIX_MAX = 5;
/** Of them for one country other than ours: about half of what all others have. */
export const PAIRING_REPLIES_PER_FOREIGN_MAX = 8;
/** Of them for our own country, and for all others together: neither shuts the other out. */
export const PAIRING_REPLIES_PER_SIDE_MAX = 15;
/** Strangers noted without a code, for whom none was left; those whose numbers begin alike give way first. */
export const PAIRING_WAITING_MAX = 20;
/** For how long they are noted. */
export const PAIRING_WAITING_TTL_MS = 24 * 3_600_000;
/** How long the word serves by which an owner lets somebody in by SMS. */
export const OWNER_WORD_TTL_MS = 10 * 60_000;
/** How long an owner's word serves at most for what the agent asks: the Gateway waits so long. */
export const OWNER_QUESTION_TTL_MS = 30 * 60_000;
/** What the agent may ask owners a day: each is an SMS or several to each of them. */
export const OWNER_QUESTIONS_PER_DAY_MAX = 30;
/** The longest command that owners are asked about: they must see the whole of it. */
export const OWNER_COMMAND_CHARS_MAX = 300;
/** Words of owners that are kept, spent ones for a day: as many as fit into one row. */
export const OWNER_WORDS_KEPT_MAX = 100;
/** Wrong words from an owner's number that end all words sent there. */
export const OWNER_WORDS_WRONG_MAX = 3;
/** Owners who are told that people wait, once a day: each is an SMS. */
export const OWNERS_TOLD_MAX = 3;
/** A sender gets no second code within this time, also when the first was turned down. */
export const PAIRING_REPLY_INTERVAL_MS = 3_600_000;
/** So many wrong codes in the window lock approval for as long: typing errors pass, guessing ends. */
export const APPROVAL_WRONG_MAX = 5;
/** The window in which wrong codes add up, and how long the lock lasts. */
export const APPROVAL_WINDOW_MS = 15 * 60_000;
/** Refused numbers that are remembered: enough to see who knocks. */
export const REFUSED_MAX = 50;
/** A list that nobody was added to for so long tells nothing. */
export const REFUSED_TTL_MS = 30 * 24 * 3_600_000;
/** Sentences that tell senders of a spent budget, in all: they are what still goes out after it. */
export const SPENDING_NOTICES_PER_DAY_MAX = 20;
/** The share of an account's day that owners alone may use: a guest's phone gone wild leaves it to them. */
export const OWNERS_RESERVE_SHARE = 0.2;
/** Prices kept of one destination: their median shrugs off a single odd one. */
export const PRICES_LEARNT_MAX = 9;
/** Sums of money by day: a year and what is compared with it. */
export const SPEND_DAYS_KEPT_MS = 400 * 24 * 3_600_000;
/** Sums of money by hour: a strip of two weeks. */
export const SPEND_HOURS_KEPT_MS = 14 * 24 * 3_600_000;
/** What happened is added to the hour's and day's counts so often: a crash loses no more. */
export const SERIES_INTERVAL_MS = 60_000;
/** Sums of one person's day: 250 people a day for all of the 400 days, about 20 MB. */
export const SPEND_PERSON_ROWS_MAX = 100_000;
/** The share of a budget in USD from which on the log and `status` warn. */
export const BUDGET_WARNING_SHARE = 0.8;
/** Automatic replies to what looks like a machine before the conversation pauses. */
export const LOOP_REPLIES_MAX = 5;
/** Answers to one short text in a row: people repeat "next", "more" and "yes"; rhythm tells the rest. */
export const LOOP_WORD_REPLIES_MAX = 60;
/** What has more words or characters is no such text. */
export const LOOP_WORD_WORDS_MAX = 3;
/** A number of characters that three words can have. */
export const LOOP_WORD_CHARS_MAX = 24;
/** How long it pauses; each pause that follows on another is four times as long. */
export const LOOP_PAUSE_MS = 15 * 60_000;
/** The longest pause: a machine is given two tries a day. */
export const LOOP_PAUSE_MS_MAX = 12 * 3_600_000;
/** A pause follows on another if no more time than this lies between them. */
export const LOOP_PAUSE_FOLLOWS_MS = 2 * 3_600_000;
/** The same text counts as a repetition when it comes again within this time. */
export const LOOP_REPEAT_WINDOW_MS = 10 * 60_000;
/** What is said of a conversation's rhythm needs so long of it: people may well keep time for a while. */
export const LOOP_RHYTHM_MS = 3_600_000;
/** Texts in a row, each as long after the last as the ones before: nobody keeps time for so long. */
export const LOOP_REGULAR_TEXTS_MAX = 24;
/** What comes more rarely is a habit, or somebody's scheduled text. */
export const LOOP_REGULAR_GAP_MS_MAX = 30 * 60_000;
/** How far a gap may be from the usual one and still be regular. */
export const LOOP_REGULAR_SHARE = 0.15;
/** The share of texts that may come at another time without the rhythm being over. */
export const LOOP_ODD_SHARE = 0.1;
/** Answers in a row within seconds of ours: a person would have looked up once in an hour. */
export const LOOP_PROMPT_TEXTS_MAX = 40;
/** An answer within this time came within seconds. */
export const LOOP_PROMPT_MS = 30_000;
/** Texts without any break, for hours: nobody goes on so. */
export const LOOP_UNBROKEN_TEXTS_MAX = 120;
/** For how long they must have gone on. */
export const LOOP_UNBROKEN_MS = 3 * 3_600_000;
/** Silence of so long is a break. */
export const LOOP_BREAK_MS = 10 * 60_000;
/** Nobody reads a text and begins to answer it in less. */
export const PERSON_READS_MS = 2_500;
/** Nobody writes or dictates a character in less. */
export const PERSON_WRITES_CHAR_MS = 60;
/** Texts that are kept of a sender who waits for a pause to end or a budget to free: one turn takes them all. */
export const HELD_TEXTS_MAX = 20;
/** Characters of texts that became one: ten long ones, so that they fit one row of the store. */
export const JOINED_CHARS_MAX = 16_000;
/** How often a text that waits so is looked at: a raised budget or a STOP need not wait for longer. */
export const HELD_LOOK_MS = 60_000;
/** Texts that one turn takes at most. */
export const BURST_TEXTS_MAX = 10;
/** Windows that a turn waits at most for texts that go on coming. */
export const BURST_WINDOWS_MAX = 4;
/** The window of the rates at the door. */
export const RATE_WINDOW_MS = 60_000;
/** Refused requests of one route and client a window; their excess costs no log line and no look-up. */
export const RATE_INVALID_MAX = 300;
/** Signed texts of one number a window: more than a person writes. */
export const RATE_SENDER_MAX = 30;
/** Signed texts of one number that is let in a window, beyond the rate: Twilio does not send them again. */
export const RATE_KNOWN_MAX = 600;
/** Signed texts of an account a window. */
export const RATE_VALID_MAX = 300;
/** Signed delivery reports of an account a window: several for each message sent. */
export const RATE_REPORTS_MAX = 3_000;
/** Numbers or clients counted at the same time; more than can be active under the limits above. */
export const RATE_KEYS_MAX = 1_000;
/** How long a forger beyond the budget waits for the answer: one connection is then worth one try a second. */
export const REFUSAL_DELAY_MS = 1_000;
/** Forgers that wait at the same time, each with a body in memory; more are answered at once. */
export const REFUSALS_DELAYED_MAX = 1_000;
/** Refused requests cost a line of the log no more often: whoever floods must not fill the disk. */
export const REFUSAL_LOG_INTERVAL_MS = 1_000;

/** Files of one text that are fetched: Twilio takes at most ten itself. */
export const INBOUND_MEDIA_MAX = 10;
/** All files of one text together: Twilio's own limit for an MMS. */
export const INBOUND_MEDIA_BYTES_MAX = 5 * 1024 * 1024;
/** One file, redirects included. */
export const INBOUND_MEDIA_TIMEOUT_MS = 60_000;
/** All files of one text. */
export const INBOUND_MEDIA_BATCH_TIMEOUT_MS = 240_000;
/** Twilio's media host is one hop away, its storage two. */
export const INBOUND_MEDIA_REDIRECTS_MAX = 3;
/** Whatever `Retry-After` says: a wrong one must not silence the bridge for days. */
export const RETRY_AFTER_MS_MAX = 3_600_000;
/** Tries of one read of Twilio's REST API. */
export const TWILIO_READ_ATTEMPTS_MAX = 3;
/** A read waits this long at most for a busy Twilio, whatever `Retry-After` says. */
export const TWILIO_READ_WAIT_MS_MAX = 30_000;
/** Pages of a list that are read in one go: with 1,000 rows a page, more than a day of busy traffic. */
export const TWILIO_LIST_PAGES_MAX = 20;
/** Twilio's clock and ours may differ by so much when a sent message is looked for. */
export const LOOKUP_CLOCK_SKEW_MS = 60_000;
/** The same where several bridges share a store: the clock of the one that sent may be wrong by minutes. */
export const SHARED_CLOCK_SKEW_MS = 15 * 60_000;

/** A sent message whose fate no report has told by then is looked up: what Twilio recommends. */
export const REPORT_POLL_AGE_MS_MIN = 12 * 3_600_000;
/** What Twilio has not billed or ended by then, it will not. */
export const REPORT_POLL_AGE_MS_MAX = 3 * 24 * 3_600_000;
/** An export given on stdin: all that the queues hold at their fullest is less. */
export const QUEUE_EXPORT_BYTES_MAX = 256 * 1024 * 1024;
/** Dead letters an operator could look through; the oldest go first. */
export const DEAD_LETTERS_MAX = 1_000;
/** Past messages kept for `messages`: a busy year of a household, about 20 MB. */
export const HISTORY_ROWS_MAX = 100_000;
/** Delivery reports kept: two chunks for each past message. */
export const DELIVERY_ROWS_MAX = 200_000;
/** No budget of a sender and no pause looks further back. */
export const SENDER_IDLE_MS_MAX = 24 * 3_600_000;
/** Senders remembered, nearly all of them opted out: more numbers than a bridge is ever texted by. */
export const SENDER_ROWS_MAX = 100_000;
/** Pruning reads what it bounds, so not too often. */
export const HOUSEKEEPING_INTERVAL_MS = 3_600_000;

/** JSON from outside nests a dozen deep; a million deep, two megabytes take a third of a second to read. */
export const JSON_DEPTH_MAX = 200;
/** Values of one JSON text: the longest page of a transcript or of Twilio's list has tens of thousands. */
export const JSON_VALUES_MAX = 1_000_000;

/** The Gateway itself gives a silent newcomer 15 s. */
export const GATEWAY_HANDSHAKE_TIMEOUT_MS = 15_000;
/** The Gateway's own limit for one message (`policy.maxPayload`), in however many fragments. */
export const GATEWAY_MESSAGE_BYTES_MAX = 26_214_400;
/** How long a connection that ends may take for its last word. */
export const GATEWAY_CLOSE_MS = 1_000;
/** A request other than a turn is answered in milliseconds; a busy Gateway may need longer. */
export const GATEWAY_REQUEST_TIMEOUT_MS = 30_000;
/** Pauses between tries to reach the Gateway double from the first to the second. */
export const GATEWAY_BACKOFF_MS_MIN = 1_000;
/** See {@linkcode GATEWAY_BACKOFF_MS_MIN}. */
export const GATEWAY_BACKOFF_MS_MAX = 30_000;
/** Whatever a Gateway says: a wrong `retryAfterMs` must not silence the bridge for weeks. */
export const GATEWAY_RETRY_AFTER_MS_MAX = 5 * 60_000;
/** Whatever a Gateway says of its ticks: twice as long without one, and it is taken for lost. */
export const GATEWAY_TICK_MS_MAX = 2 * 60_000;
/** Nor may a `retryAfterMs` of 0 have it try again without a pause. */
export const GATEWAY_RETRY_AFTER_MS_MIN = 500;
/** Characters of one reply: a phone takes a hundredth of it, and to render more would hold up other texts. */
export const REPLY_CHARS_MAX = 1_000_000;
/** What only an operator can mend is not tried more often. */
export const GATEWAY_REFUSED_RETRY_MS = 30_000;
/** A change of the Gateway's agents, bindings and owners is in force here no later. */
export const GATEWAY_VIEW_TTL_MS = 10_000;
/** How often a turn's record is looked at while it is open. */
export const GATEWAY_POLL_MS = 2_000;
/** So long one look at a turn's record takes at most, with the pause before the next. */
export const GATEWAY_LOOK_MS_MAX = 35_000;
/** A restarted Gateway goes on with an interrupted turn within 10 s; beyond this it will not. */
export const GATEWAY_RECOVERY_MS = 90_000;
/** It has begun that within this time; before, it may still refuse or answer what was lost. */
export const GATEWAY_SETTLE_MS = 15_000;
/** An error that nobody knows is taken for the end after so many tries. */
export const UNKNOWN_FAULTS_MAX = 5;
/** Transcript rows asked for at first; ten times as many when that does not reach back far enough. */
export const HISTORY_PAGE_ROWS = 100;

/** What the agent said unasked while the bridge was away is texted when it is younger. */
export const PROACTIVE_AGE_MS_MAX = 24 * 3_600_000;
/** Runs of scheduled jobs that are looked through after the link was down: one every half an hour for a day. */
export const CRON_RUNS_MAX = 50;
/** Runs that have just ended and wait for their turn to be texted; a Gateway that tells of more is broken. */
export const CRON_WAITING_MAX = 500;
/** How far a session was read is forgotten when nothing was said in it for so long. */
export const SESSION_MARK_TTL_MS = 30 * 24 * 3_600_000;
/** Sessions whose reading is noted: more people than one bridge serves. */
export const SESSION_MARKS_MAX = 10_000;
/** How far behind that note may be: a page of the transcript covers a week of texts. */
export const SESSION_MARK_REFRESH_MS = 7 * 24 * 3_600_000;

/** A disk that refused is asked again after this. */
export const STEP_RETRY_MS = 5_000;
/** Wrong credentials need a person: often enough to notice the repair, rarely enough not to be locked out. */
export const CREDENTIALS_RETRY_MS = 60_000;

/** How often the bridge notes that it is alive. */
export const ALIVE_INTERVAL_MS = 60_000;
/** A note older than this means that the machine slept: webhooks may have been missed. */
export const CATCH_UP_LATE_MS = 3 * 60_000;
/** Catch-up looks so much further back than the last note, as clocks and retries differ. */
export const CATCH_UP_OVERLAP_MS = 15 * 60_000;
/** How often Twilio's alerts are looked at for webhooks that failed: less than half of the overlap. */
export const CATCH_UP_ALERTS_MS = 5 * 60_000;
/** When Twilio's list cannot be read, it is tried again after this. */
export const CATCH_UP_RETRY_MS = 30_000;

/** Longest configuration file and patch: OpenClaw's own limit for patches. */
export const CONFIG_BYTES_MAX = 8 * 1024 * 1024;
/** Values nested in each other, over includes too: far beyond any configuration, far below the end of the stack. */
export const JSON5_DEPTH_MAX = 500;
/** Values of a configuration, repeated includes counted each time: a household's allowlist has dozens. */
export const CONFIG_VALUES_MAX = 50_000;
/** Files that a configuration is made of, counted as often as they are included. */
export const CONFIG_FILES_MAX = 200;
/** Accounts of a configuration: each is a number that somebody pays for. */
export const CONFIG_ACCOUNTS_MAX = 100;
/** An account's name stands in each line of the log about it. */
export const ACCOUNT_ID_CHARS_MAX = 64;
/** Unknown keys, or variables, told one by one: a file with more is no configuration of ours. */
export const PROBLEMS_TOLD_MAX = 20;
/** How often configuration files are looked at for a change. */
export const CONFIG_POLL_MS = 2_000;
/** Files that include one another, as with OpenClaw. */
export const CONFIG_INCLUDE_DEPTH_MAX = 10;
/** A secret provider answers within this unless it says otherwise, as with OpenClaw. */
export const SECRET_TIMEOUT_MS = 5_000;
/** Longest file or answer with secrets, as with OpenClaw. */
export const SECRET_BYTES_MAX = 1024 * 1024;

/** How long each part of a probe may take; all parts run at the same time, `doctor` ends within 10 s. */
export const PROBE_TIMEOUT_MS = 7_000;

/** How long a call of the agent's tool waits for Twilio's answer: the Gateway itself gives 30 s. */
export const TOOL_ANSWER_TIMEOUT_MS = 20_000;
/** A link to the admin page is opened at once, or asked for again. */
export const ADMIN_LINK_TTL_MS = 5 * 60_000;
/** Links that wait to be opened; the oldest goes. */
export const ADMIN_LINKS_MAX = 16;
/** A browser stays in the admin page for a working day. */
export const ADMIN_SESSION_TTL_MS = 12 * 3_600_000;
/** Browsers in the admin page; the oldest goes. */
export const ADMIN_SESSIONS_MAX = 16;
/** Open admin pages that are kept up to date. */
export const ADMIN_STREAMS_MAX = 8;
/** How often an open admin page looks for changes. */
export const ADMIN_REFRESH_MS = 2_000;
/** Twilio is asked so often for the balance, and only while somebody looks. */
export const BALANCE_FRESH_MS = 3_600_000;
/** A form of the admin page has three short fields. */
export const ADMIN_FORM_BYTES_MAX = 4_096;
/** Opt-out and opt-in words of an owner's own that are remembered: Twilio lets a language have 25. */
export const OPT_WORDS_MAX = 50;
/** A longer text is no such word. */
export const OPT_WORD_CHARS_MAX = 40;
/** What an operator calls somebody is no longer: it stands in lists and in each prompt. */
export const NAME_CHARS_MAX = 60;
/** How long a START is remembered: a day more than the longest window of catch-up. */
export const CHOICE_KEPT_MS = 8 * 24 * 3_600_000;
/** The list of a release's sums has a line for each archive. */
export const SUMS_BYTES_MAX = 64 * 1_024;
/** An archive of the program is some 50 MB. */
export const RELEASE_BYTES_MAX = 300 * 1_024 * 1_024;
/** An archive on a slow line. */
export const RELEASE_TIMEOUT_MS = 10 * 60_000;
/** `status` is not held up by whoever has the releases. */
export const UPDATE_CHECK_TIMEOUT_MS = 3_000;
