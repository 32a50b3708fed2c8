/** After so long an event does not come any more: on a machine under load one may take minutes. */
export const patienceMs = 300_000;
