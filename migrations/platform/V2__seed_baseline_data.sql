-- platform V2: the roles and permissions that the services know by name.
--
-- This is the one migration that holds rows. It predates the rule that migrations are schema only, its row is in every
-- history, and it is exempt from the rule by name. It holds reference data only, the same in every environment: no
-- tenant, no person, no demo data (that is seeds/dev/). New reference data belongs elsewhere.
--
-- Every INSERT leaves rows that are there already as they are, so the file can meet a database that has some of them.

INSERT INTO platform.roles (role_id, display_name, description, rank)
VALUES
    ('owner', 'Owner', 'Holds every right in the organization, and may close it.', 1),
    ('admin', 'Administrator', 'Runs the organization: its members, transformations and repositories.', 2),
    ('editor', 'Editor', 'Works on transformations and in repositories.', 3),
    ('viewer', 'Viewer', 'Reads what the organization has.', 4)
ON CONFLICT DO NOTHING;

INSERT INTO platform.permissions (permission_id, description)
VALUES
    ('organization.read', 'See the organization and its settings.'),
    ('organization.update', 'Change the name and settings of the organization.'),
    ('organization.delete', 'Close the organization.'),
    ('member.read', 'See who is a member, and with which role.'),
    ('member.manage', 'Invite and remove members, and change their roles.'),
    ('transformation.read', 'See transformations.'),
    ('transformation.write', 'Create and change transformations.'),
    ('transformation.delete', 'Delete transformations.'),
    ('repository.read', 'See repositories and what is in them.'),
    ('repository.write', 'Create repositories and change what is in them.'),
    ('repository.delete', 'Delete repositories.'),
    ('audit.read', 'Read the audit trail of the organization.')
ON CONFLICT DO NOTHING;

INSERT INTO platform.role_permissions (role_id, permission_id)
VALUES
    ('owner', 'organization.read'),
    ('owner', 'organization.update'),
    ('owner', 'organization.delete'),
    ('owner', 'member.read'),
    ('owner', 'member.manage'),
    ('owner', 'transformation.read'),
    ('owner', 'transformation.write'),
    ('owner', 'transformation.delete'),
    ('owner', 'repository.read'),
    ('owner', 'repository.write'),
    ('owner', 'repository.delete'),
    ('owner', 'audit.read'),
    ('admin', 'organization.read'),
    ('admin', 'organization.update'),
    ('admin', 'member.read'),
    ('admin', 'member.manage'),
    ('admin', 'transformation.read'),
    ('admin', 'transformation.write'),
    ('admin', 'transformation.delete'),
    ('admin', 'repository.read'),
    ('admin', 'repository.write'),
    ('admin', 'repository.delete'),
    ('admin', 'audit.read'),
    ('editor', 'organization.read'),
    ('editor', 'member.read'),
    ('editor', 'transformation.read'),
    ('editor', 'transformation.write'),
    ('editor', 'repository.read'),
    ('editor', 'repository.write'),
    ('viewer', 'organization.read'),
    ('viewer', 'member.read'),
    ('viewer', 'transformation.read'),
    ('viewer', 'repository.read')
ON CONFLICT DO NOTHING;
