export { createClient, type ClientOptions } from './client.js';
export { CarillonProblem, type Problem } from './problem.js';
export type { Answer, Client, Request } from './types.js';
