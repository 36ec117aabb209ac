/** Recurrence rules of RFC 5545: read, made concrete with a job's time zone, walked and put in words. */
export { describeRule } from './describe-rule.js';
export { looksLikeRule, readRule } from './read-rule.js';
export { ruleRecurrence } from './recurrence.js';
export { toRule, type RuleContext } from './to-rule.js';
export type { RecurrenceRule, RuleParts } from './types.js';
