import type { EnvironmentRules } from '../shared/environment.js';
import { KIB } from '../shared/size.js';

const MAX_VALUE_LENGTH = 32 * KIB;

/** What the environment of a container may be. */
export const environmentRules: EnvironmentRules = {
  maxVariables: 128,
  name: /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/,
  nameRule: 'A name in environment must be 1 to 128 letters, digits and _.-, and begin with no digit.',
  problemOf: (name, value) =>
    value.length > MAX_VALUE_LENGTH
      ? `The value of ${name} in environment is longer than 32,768 characters.`
      : undefined,
};
