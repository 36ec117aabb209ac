import type { z } from 'zod';
import type { EndpointName, Endpoints } from '../contract/endpoints.js';

type Input<Name extends EndpointName, Key extends 'params' | 'query' | 'body'> =
  Endpoints[Name] extends Record<Key, infer Schema extends z.ZodType> ? z.input<Schema> : never;

/** A query string is text: what has no words of its own may be given as a number or a yes or no, too. */
type QueryOf<Fields> = {
  [Field in keyof Fields]: string extends Fields[Field] ? Fields[Field] | number | boolean : Fields[Field];
};

/** A part of a call: left out where the endpoint has none, and optional where all of it is. */
type Part<Key extends string, Value> = [Value] extends [never]
  ? { readonly [K in Key]?: never }
  : object extends Value
    ? { readonly [K in Key]?: Value }
    : { readonly [K in Key]: Value };

/** What a call of an endpoint is made of: the types are those of the table of endpoints. */
export type Request<Name extends EndpointName> = Part<'params', Input<Name, 'params'>> &
  Part<'query', QueryOf<Input<Name, 'query'>>> &
  Part<'body', Input<Name, 'body'>> & {
    /** Makes a POST safe to repeat, and so to be retried. */
    readonly idempotencyKey?: string;
    /** Only while the job is still of this ETag. */
    readonly ifMatch?: string;
    readonly signal?: AbortSignal;
  };

/** What an endpoint answers. */
export interface Answer<Name extends EndpointName> {
  readonly status: number;
  readonly body: z.output<Endpoints[Name]['ok']['schema']>;
  readonly headers: Headers;
  /** The cursor of the next page of a list, while there is one. */
  readonly nextCursor: string | undefined;
}

/** A function for each endpoint of the table, by its name. What must be given is asked for by the types. */
export type Client = {
  readonly [Name in EndpointName]: object extends Request<Name>
    ? (request?: Request<Name>) => Promise<Answer<Name>>
    : (request: Request<Name>) => Promise<Answer<Name>>;
};
