/** `send-mail` as `sendMail`. */
export const camelCase = (name) => name.replace(/-+(.?)/g, (_match, letter) => letter.toUpperCase());

/** `send-mail` as `SendMail`. */
export const pascalCase = (name) => camelCase(`-${name}`);
