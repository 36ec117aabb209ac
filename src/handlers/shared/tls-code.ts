/** OpenSSL's names, as Node gives them. */
const TLS_CODE =
  /^(ERR_SSL_|ERR_TLS_|CERT_|CRL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ERROR_IN_C)/;

/** Whether an error's code is about certificates or the protocol: what is wrong there is as wrong at the next attempt. */
export const isTlsCode = (code: string): boolean => TLS_CODE.test(code);
