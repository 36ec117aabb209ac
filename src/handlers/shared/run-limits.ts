import { KIB, MIB } from './size.js';

/** What may be told of a run, in characters: the executor keeps no more, so that nobody need read or send more. */

/** A longer line of a run's log is cut, and longer fields of one are left out. */
export const MAX_LOG_LINE_LENGTH = 8 * KIB;
/** What a run may log in all, over its attempts; then one line says that the rest is left out. */
export const MAX_LOG_LENGTH = MIB;
/** What a line counts for besides its text: a million empty lines are a large log, too. */
export const LOG_LINE_OVERHEAD = 64;
/** A longer message about how far a run is is cut. */
export const MAX_PROGRESS_LENGTH = 500;

/**
 * The most of a program's output that is logged in an attempt, in bytes: 64 KiB less than a run's log holds, so that there
 * is room for what else the handler has to say.
 */
export const MAX_OUTPUT_BYTES = MAX_LOG_LENGTH - 64 * KIB;
