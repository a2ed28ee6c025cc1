/**
 * The topics of `sms-bridge help TOPIC`. Their chapters are read only when one is asked for: they are more text
 * than most commands are.
 *
 * @module
 */

/** What the terminal calls a chapter of README; the order is README's. */
export const TOPICS: Readonly<Record<string, string>> = {
  "Try it": "try",
  "Before you begin": "begin",
  "Set it up in ten minutes": "install",
  "Who may text": "access",
  "Several people and accounts": "accounts",
  "Money": "money",
  "Pictures and files": "pictures",
  "The agent's own texts": "agent",
  "Jobs": "jobs",
  "Send, queues and scripts": "scripts",
  "Service and logs": "logs",
  "Two machines": "machines",
  "Upgrade": "versions",
  "From the plugin and back": "plugin",
  "Troubleshooting": "troubleshooting",
  "Security and privacy": "security",
  "Limits": "limits",
  "What it promises": "promises",
  "How it is built": "design",
  "Configuration": "settings",
  "Commands": "reference",
};
