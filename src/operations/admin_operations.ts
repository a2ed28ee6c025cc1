/**
 * What an operator asks about the admin page.
 *
 * @module
 */
import { type Failure, failure } from "../system/failure.ts";
import { operation } from "./operation.ts";

/** What the operations on the admin page work on. */
export interface AdminOperationParts {
  /** Makes a link to the page; null where the page has no address; left out where no daemon runs. */
  readonly adminLink?: () => AdminLink | null;
}

/** A link that opens the page once, under each of its names. */
export interface AdminLink {
  /** On this machine. */
  readonly url: string;
  /** Through `tailscale serve`, where names for it are set. */
  readonly tailnet: readonly string[];
}

/** The operations on the admin page. */
export const ADMIN_OPERATIONS = {
  /** A link that opens the page once. */
  adminUrl: operation({
    read: () => ({}),
    run({ adminLink }: AdminOperationParts): Promise<AdminLink | Failure> {
      if (adminLink === undefined) {
        return Promise.resolve(failure(
          "unreachable",
          "bridge-not-running",
          "The bridge does not run, so it has no page",
          "start it with `sms-bridge serve`",
        ));
      }
      const link = adminLink();
      return Promise.resolve(
        link === null
          ? failure(
            "configuration",
            "admin-page-off",
            "The admin page has no address that a browser could open",
            "set SMS_BRIDGE_ADMIN_LISTEN to a loopback address such as 127.0.0.1:8788 and restart",
          )
          : link,
      );
    },
  }),
};
