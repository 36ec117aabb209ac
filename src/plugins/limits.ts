import { MAX_LOG_LENGTH, MAX_LOG_LINE_LENGTH } from '../handlers/shared/run-limits.js';
import { KIB, MIB } from '../handlers/shared/size.js';

/** The heap that a child may fill, in MiB, unless the operator says otherwise. */
export const DEFAULT_MEMORY_LIMIT_MB = 256;
/** What a child may hold beside its heap (Node itself, buffers, native code), in MiB. Looked at once a second, on Linux. */
export const MEMORY_BESIDE_HEAP_MB = 256;

/** How often a child says that its event loop turns, in milliseconds. */
export const BEAT_EVERY_MS = 1_000;
/** After so many beats left out a child counts as hung. */
export const HUNG_AFTER_BEATS = 10;
/** How long a handler may take to heed its signal before its process is killed, in milliseconds. */
export const ABORT_GRACE_MS = 5_000;
/** How long to wait for the last output of a process that has ended, in milliseconds. */
export const LAST_OUTPUT_MS = 1_000;

/** What a child sends of log lines in all, in characters, and what is read of its output. More than the executor keeps, which says so. */
export const MAX_SENT_LOG_LENGTH = MAX_LOG_LENGTH + 4 * MAX_LOG_LINE_LENGTH;
/** The newest progress is sent, at most so often, in milliseconds. */
export const PROGRESS_EVERY_MS = 200;
/** How often one run may ask for the previous result or for what it follows. */
export const MAX_QUESTIONS = 100;
/** A longer message of an error is cut, in characters. */
export const MAX_ERROR_LENGTH = 2 * KIB;

/** The longest message that a child may send, in bytes: a result of 64 KiB, or a log line, with room. */
export const MAX_MESSAGE_BYTES = 512 * KIB;
/** What a child may send at once, in bytes; far more than the limits above let through. Beyond it the child is killed. */
export const MAX_BURST_BYTES = 16 * MIB;
/** What a child may send further with each second, in bytes. */
export const BYTES_PER_BEAT = 64 * KIB;
/** What each message counts beside its bytes: reading it costs, too. */
export const MESSAGE_OVERHEAD_BYTES = 256;
/** How long output is not read once nothing more of it is kept, in milliseconds: a flood waits in the child, not here. */
export const FLOOD_PAUSE_MS = 10;
