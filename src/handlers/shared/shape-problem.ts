/**
 * The `error` of a strict object: names the fields that it does not have.
 *
 * @param otherwise the sentence for what is no object at all
 * @param subject what a sentence about fields begins with: `A command job has`
 */
export function shapeProblem(otherwise: string, subject: string) {
  return (issue: { code?: string; keys?: readonly string[] }): string =>
    issue.code === 'unrecognized_keys' ? `${subject} no field ${(issue.keys ?? []).join(', ')}.` : otherwise;
}
