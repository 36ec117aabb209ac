import { z } from 'zod';

/** The OIDC provider whose users are let in. */
export interface OidcConfig {
  issuer: string;
  /** What access tokens must be made for. */
  audience: string;
  /** The claim that holds the names of a user's groups. */
  groupsClaim: string;
  /** Who is in it is an instance admin. */
  adminGroup: string | undefined;
  /** How browsers sign in; undefined: they can't. */
  signIn: { clientId: string; clientSecret: string | undefined; scope: string; publicUrl: string } | undefined;
}

export const oidcVariables = {
  CARILLON_OIDC_ISSUER: z
    .string()
    .refine(
      (text) => isSecureUrl(text) && !/[?#@\s]/.test(text),
      'must be a https URL, or a http URL of this machine, such as https://login.example.com/realms/main',
    )
    .optional(),
  CARILLON_OIDC_AUDIENCE: z.string().optional(),
  CARILLON_OIDC_GROUPS_CLAIM: z.string().default('groups'),
  CARILLON_OIDC_ADMIN_GROUP: z.string().normalize('NFC').optional(),
  CARILLON_OIDC_CLIENT_ID: z.string().optional(),
  CARILLON_OIDC_CLIENT_SECRET: z.string().optional(),
  CARILLON_OIDC_SCOPE: z
    .string()
    .refine((text) => text.split(' ').includes('openid'), 'must be scopes separated by spaces, openid among them')
    .default('openid'),
  CARILLON_PUBLIC_URL: z
    .string()
    .refine(
      (text) => isSecureUrl(text) && new URL(text).origin === text.replace(/\/$/, ''),
      'must be a https URL without a path, or a http URL of this machine, such as https://carillon.example.com',
    )
    .transform((text) => new URL(text).origin)
    .optional(),
};

type Read = z.output<z.ZodObject<typeof oidcVariables>>;

export function oidcConfig(read: Read): OidcConfig | undefined {
  const { CARILLON_OIDC_ISSUER: issuer, CARILLON_OIDC_AUDIENCE: audience } = read;
  if (issuer === undefined || audience === undefined) return undefined;
  const { CARILLON_OIDC_CLIENT_ID: clientId, CARILLON_PUBLIC_URL: publicUrl } = read;
  return {
    issuer,
    audience,
    groupsClaim: read.CARILLON_OIDC_GROUPS_CLAIM,
    adminGroup: read.CARILLON_OIDC_ADMIN_GROUP,
    signIn:
      clientId === undefined || publicUrl === undefined
        ? undefined
        : { clientId, clientSecret: read.CARILLON_OIDC_CLIENT_SECRET, scope: read.CARILLON_OIDC_SCOPE, publicUrl },
  };
}

/** What is wrong with the variables that are given beside each other. */
export function oidcProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const isGiven = (name: string) => given[name] !== undefined;
  const problems: string[] = [];
  if (isGiven('CARILLON_OIDC_ISSUER') !== isGiven('CARILLON_OIDC_AUDIENCE')) {
    problems.push('CARILLON_OIDC_ISSUER and CARILLON_OIDC_AUDIENCE must be given together.');
  }
  for (const name of ['CARILLON_OIDC_GROUPS_CLAIM', 'CARILLON_OIDC_ADMIN_GROUP', 'CARILLON_OIDC_CLIENT_ID']) {
    if (isGiven(name) && !isGiven('CARILLON_OIDC_ISSUER')) problems.push(`${name} needs CARILLON_OIDC_ISSUER.`);
  }
  if (isGiven('CARILLON_OIDC_CLIENT_ID') && !isGiven('CARILLON_PUBLIC_URL')) {
    problems.push('CARILLON_OIDC_CLIENT_ID needs CARILLON_PUBLIC_URL.');
  }
  if (isGiven('CARILLON_OIDC_CLIENT_SECRET') && !isGiven('CARILLON_OIDC_CLIENT_ID')) {
    problems.push('CARILLON_OIDC_CLIENT_SECRET needs CARILLON_OIDC_CLIENT_ID.');
  }
  // The ID tokens of the sign-in are made for the client: they would open the API like access tokens.
  if (isGiven('CARILLON_OIDC_CLIENT_ID') && given['CARILLON_OIDC_CLIENT_ID'] === given['CARILLON_OIDC_AUDIENCE']) {
    problems.push('CARILLON_OIDC_AUDIENCE must not be the CARILLON_OIDC_CLIENT_ID.');
  }
  return problems;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}
