import type { CataloguedRole } from '../specialists/role.ts';
import { requireRole } from './execution.ts';
import type { Handler } from './services.ts';

const brief = ({ key, name, source, hash, definition, capabilities, staleHours }: CataloguedRole) => ({
  key,
  name,
  source,
  hash,
  definition,
  capabilities: [...capabilities],
  staleHours,
});

export const listSpecialists: Handler<'specialist.list'> = async ({ roles }) => ({ items: roles.list().map(brief) });

export const getSpecialist: Handler<'specialist.get'> = async ({ roles }, { key }) => {
  const role = requireRole(roles, key, 'key');
  return { role: { ...brief(role), expertise: [...role.expertise], approach: [...role.approach], outputFormat: role.outputFormat } };
};
