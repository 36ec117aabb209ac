import type { z } from 'zod';
import type { Caller } from '../commands/index.js';
import type { EndpointName, Endpoints } from '../contract/endpoints.js';
import type { AccessWithoutProject } from '../domain/permissions.js';
import type { Identity, Principal } from '../security/principals.js';
import type { ApiPorts } from './ports.js';

/** The checked form of a part of a request; undefined where the endpoint takes none. */
type Part<Name extends EndpointName, Key extends 'params' | 'query' | 'body'> =
  Endpoints[Name] extends Record<Key, infer Schema extends z.ZodType> ? z.output<Schema> : undefined;

/** What there is of a call in a project; where a call needs no project, there may be none. */
type InProject<Name extends EndpointName, T> = Endpoints[Name]['permission'] extends AccessWithoutProject
  ? T | undefined
  : T;

/** A request that was let in and found valid. */
export interface Call<Name extends EndpointName> {
  readonly ports: ApiPorts;
  readonly identity: Identity;
  readonly principal: InProject<Name, Principal>;
  readonly caller: InProject<Name, Caller>;
  readonly params: Part<Name, 'params'>;
  readonly query: Part<Name, 'query'>;
  readonly body: Part<Name, 'body'>;
  /** The generations that an If-Match lets the job be of; undefined: any. */
  readonly ifMatch: readonly number[] | undefined;
  /** What its problems are found again by. */
  readonly traceId: string;
}

/** What a route answers; its status stands in the table of endpoints. */
export interface Answer<Name extends EndpointName> {
  readonly body: z.output<Endpoints[Name]['ok']['schema']>;
  readonly location?: string;
  /** Of the job that is shown: it becomes a part of the ETag. */
  readonly generation?: number;
  /** The cursor of the next page of a list, when there is one. */
  readonly next?: string | undefined;
  /** What is sent in the place of the body, as it comes. */
  readonly stream?: { readonly type: string; readonly text: AsyncIterable<string> };
}

export type Route<Name extends EndpointName> = (call: Call<Name>) => Promise<Answer<Name>>;

/** A route for each endpoint, or for some of them. */
export type Routes<Names extends EndpointName = EndpointName> = { readonly [Name in Names]: Route<Name> };
