/**
 * The settings in force, resolved and checked.
 *
 * @module
 */
import type { SpendingLimits } from "../policy/quota.ts";
import type { AccessGroups, DmPolicy } from "../policy/access.ts";

/** One Twilio account or sender: `channels.sms`, or one of its `accounts`. */
export interface AccountSettings {
  readonly id: string;
  readonly enabled: boolean;
  readonly name: string | undefined;
  readonly accountSid: string;
  readonly authToken: string;
  readonly authTokenNext: string | undefined;
  readonly apiKeySid: string | undefined;
  readonly apiKeySecret: string | undefined;
  readonly fromNumber: string | undefined;
  readonly messagingServiceSid: string | undefined;
  readonly defaultTo: string | undefined;
  readonly webhookPath: string;
  readonly publicWebhookUrl: string | undefined;
  readonly dangerouslyDisableSignatureValidation: boolean;
  readonly dmPolicy: DmPolicy;
  readonly allowFrom: readonly string[];
  readonly textChunkLimit: number;
  readonly mediaMaxMb: number;
  readonly region: string | undefined;
  readonly edge: string | undefined;
}

/** Where the Gateway is. */
export interface GatewaySettings {
  readonly url: string;
  readonly token: string | undefined;
}

/** A TCP address to listen on. */
export interface ListenAddress {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** What is the bridge's own. */
export interface BridgeSettings {
  /** Where webhooks are taken. */
  readonly listen: ListenAddress;
  /** Where health, metrics and the admin page are: never public; null turns it off. */
  readonly adminListen: ListenAddress | { readonly path: string } | null;
  readonly stateDir: string;
  readonly twilioApiUrl: string | undefined;
  readonly logFormat: "text" | "json";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly sessionScope:
    | "auto"
    | "gateway"
    | "main"
    | "per-peer"
    | "per-channel-peer"
    | "per-account-channel-peer";
  readonly smartEncoding: "auto" | "always" | "off";
  readonly partMarks: "auto" | "off";
  readonly maxChunksPerReply: number;
  readonly ownerAllowFrom: readonly string[];
  readonly waitNoticeAfterMs: number;
  /** Of one sending number: a long code may send one. */
  readonly messagesPerSecond: number;
  /** Of one Messaging Service: it spreads messages over its numbers and queues them itself. */
  readonly serviceMessagesPerSecond: number;
  /** Texts of one sender within this time are one turn; 0 takes each alone. */
  readonly burstWindowMs: number;
  /** Whether texts that came while the bridge was down are fetched. */
  readonly catchUp: boolean;
  /** How far back catch-up looks at most. */
  readonly catchUpWindowHours: number;
  readonly limits: SpendingLimits;
  /** What one message may cost at most, in US dollars; passed to Twilio as `MaxPrice`. */
  readonly maxPriceUsd: number | undefined;
  /** How long Twilio tries to hand a message on, in seconds; passed as `ValidityPeriod`. */
  readonly validityPeriodSec: number | undefined;
  /** Whether the history keeps what was written. */
  readonly storeBodies: boolean;
  /** Whether the agent is offered the tool `sms_send`. */
  readonly agentTool: boolean;
  /** Folders that files of replies may come from. */
  readonly mediaRoots: readonly string[];
  /** Whether what the agent says in somebody's session without being asked is texted. */
  readonly proactive: boolean;
  /** Whether scheduled jobs that announce to sms are texted. */
  readonly cronDelivery: boolean;
  /** Whom the tool may text. */
  readonly toolTargets: "known" | "any" | readonly string[];
}

/** Everything. */
export interface Settings {
  readonly accounts: readonly AccountSettings[];
  readonly defaultAccount: string;
  readonly gateway: GatewaySettings;
  readonly bridge: BridgeSettings;
  readonly accessGroups: AccessGroups;
  readonly warnings: readonly string[];
}
