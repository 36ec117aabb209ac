import { errors, jwtVerify, type JWTPayload } from 'jose';
import { AppError } from '../domain/errors.js';
import type { Provider } from './oidc-provider.js';

/** Somebody as the provider vouches for them. */
export interface Vouched {
  issuer: string;
  subject: string;
  groups: readonly string[];
}

export interface ClaimsOptions {
  /** The claim that holds the names of the groups. */
  groupsClaim: string;
}

export interface AccessTokensOptions extends ClaimsOptions {
  provider: Provider;
  audience: string;
  /** Epoch milliseconds. */
  now: () => number;
}

/**
 * Verifies an access token; else says in a word for the log why it opens nothing.
 *
 * @throws AppError `unavailable` while the provider, whose keys are needed, can't be asked
 */
export type VerifyAccessToken = (token: string) => Promise<Vouched | { refusal: string }>;

/** Signatures by a key pair: with a shared secret whoever checks tokens could make them. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_SECONDS = 30;
const LONGEST_TOKEN = 8_192;
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** OpenID Connect Core 1.0, section 2: at most 255 ASCII characters. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;
const LONGEST_GROUP = 255;
const MOST_GROUPS = 1_000;

/** What a header may call an access token: RFC 9068, section 2.1, and the name of all JWTs, which most providers use. */
const TYPES: ReadonlySet<string> = new Set(['at+jwt', 'jwt']);
/** What ID tokens (OpenID Connect Core 1.0, section 3.3.2.11), and logout tokens and other events (RFC 8417) have alone. */
const CLAIMS_OF_OTHERS = ['at_hash', 'c_hash', 'events'];
/** What Keycloak calls its other tokens, in a claim. */
const TYPES_OF_OTHERS: ReadonlySet<unknown> = new Set(['ID', 'Refresh', 'Offline', 'Logout']);

/**
 * Access tokens as RFC 9068 has them, but for `typ`, which few providers set: a JWT of the issuer, for the audience, that
 * expires. Of its header only `alg` and `kid` count, `kid` as a name in the provider's set; addresses and keys there
 * (`jku`, `x5u`, `jwk`) are never looked at, and a `crit` is refused. So is what shows that it is a token of another kind.
 */
export function createAccessTokens(options: AccessTokensOptions): VerifyAccessToken {
  const { provider, audience, groupsClaim, now } = options;
  return async (token) => {
    if (token.length > LONGEST_TOKEN) return { refusal: 'token_too_long' };
    if (!COMPACT_JWS.test(token)) return { refusal: 'malformed_token' };
    try {
      const { payload, protectedHeader } = await jwtVerify(token, provider.keyOf, {
        algorithms: ALGORITHMS,
        issuer: provider.issuer,
        audience,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(now()),
      });
      if (isOfOtherKind(protectedHeader.typ, payload)) return { refusal: 'token_of_other_kind' };
      return vouchedOf(provider.issuer, payload, groupsClaim) ?? { refusal: 'unusable_subject' };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) return { refusal };
      // It says nothing of the token; the provider's own log line tells more.
      throw new AppError('unavailable', 'The OIDC provider cannot be asked just now; try again.', { cause: error });
    }
  };
}

/** Whether a token of the provider is visibly none to call with: the provider signs ID tokens, too, with the same keys. */
function isOfOtherKind(type: string | undefined, claims: JWTPayload): boolean {
  const name = type?.toLowerCase().replace(/^application\//, '');
  if (name !== undefined && !TYPES.has(name)) return true;
  return TYPES_OF_OTHERS.has(claims['typ']) || CLAIMS_OF_OTHERS.some((claim) => claims[claim] !== undefined);
}

/** Who verified claims are about; undefined when the subject can't be one. */
export function vouchedOf(issuer: string, claims: JWTPayload, groupsClaim: string): Vouched | undefined {
  const { sub } = claims;
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) return undefined;
  return { issuer, subject: sub, groups: groupsOf(claims[groupsClaim]) };
}

/** A list of names, or one name. What can be no group's name is left out. */
function groupsOf(claim: unknown): string[] {
  const given: unknown[] = Array.isArray(claim) ? claim : [claim];
  const names = given.flatMap((name) => (typeof name === 'string' && isGroupName(name) ? [name.normalize('NFC')] : []));
  return [...new Set(names)].toSorted().slice(0, MOST_GROUPS);
}

function isGroupName(name: string): boolean {
  return name !== '' && name.length <= LONGEST_GROUP && !/[\0\p{Surrogate}]/u.test(name);
}

function refusalOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTClaimValidationFailed) return `token_${error.claim}_${error.reason}`;
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) return error.code.toLowerCase();
  return undefined;
}
