/** A value that the database holds sealed: src/security/encryption/vault.ts opens it. */
export interface Sealed {
  readonly sealed: Buffer;
}

/** A JSON value as the database holds it: sealed, or as releases before encryption wrote it. */
export type Stored = Sealed | { readonly plain: unknown };

/**
 * Of the two columns of a value; undefined when it has none. JSON's null counts as none where it is plain. Where there are
 * both, a process of a release before encryption wrote the plain one over what was sealed.
 */
export function storedOf(sealed: Buffer | null, plain: unknown): Stored | undefined {
  if (plain !== null && plain !== undefined) return { plain };
  return sealed === null ? undefined : { sealed };
}
