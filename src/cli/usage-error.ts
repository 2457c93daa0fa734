/** What the user asked for cannot be: the message says what was expected and what was given. Exit status 2. */
export class UsageError extends Error {}
