export const tool: Readonly<Record<'jest' | 'prettier' | 'oxlint' | 'tsc' | 'depcruise' | 'knip' | 'prisma', string>>;
