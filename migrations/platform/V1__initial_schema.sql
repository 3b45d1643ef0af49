-- platform V1: the core of the product: who may do what (organizations, users, memberships, roles), and what they
-- work on (transformations, repositories).
--
-- Everything lives in schema "platform". This file creates that schema, so a new, empty database needs no preparation.
-- Rules that hold for every table here:
--   * keys are uuids made by the database; reference data (roles, permissions) is keyed by its own readable name
--   * times are timestamptz; created_at and updated_at have defaults, and whoever updates a row sets updated_at
--   * what belongs to an organization carries organization_id; links between two such things are made of composite
--     foreign keys, so that nothing can be linked across organizations
--   * every foreign key has an index that begins with its columns
-- Rows of reference data follow in V2. Demo data is no migration: see seeds/dev/platform.sql.

CREATE SCHEMA IF NOT EXISTS platform;

COMMENT ON SCHEMA platform IS 'Core application data: organizations, users and their rights, transformations, repositories.';

-- Organizations and users ---------------------------------------------------------------------------------------------

CREATE TABLE platform.organizations (
    organization_id uuid NOT NULL DEFAULT gen_random_uuid(),
    slug text NOT NULL,
    display_name text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT organizations_pkey PRIMARY KEY (organization_id),
    CONSTRAINT organizations_slug_key UNIQUE (slug),
    CONSTRAINT organizations_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT organizations_display_name_check CHECK (btrim(display_name) <> ''),
    CONSTRAINT organizations_status_check CHECK (status IN ('active', 'suspended', 'archived')),
    CONSTRAINT organizations_settings_check CHECK (jsonb_typeof(settings) = 'object')
);

COMMENT ON TABLE platform.organizations IS 'A customer: the tenant that owns transformations and repositories.';
COMMENT ON COLUMN platform.organizations.organization_id IS 'Key; other databases (workflows) refer to it without a foreign key.';
COMMENT ON COLUMN platform.organizations.slug IS 'Name in URLs: lower-case letters, digits and inner hyphens, at most 63 characters, as in a DNS label.';
COMMENT ON COLUMN platform.organizations.display_name IS 'Name shown to people.';
COMMENT ON COLUMN platform.organizations.status IS 'active; suspended: nobody may sign in to it; archived: kept to be read only.';
COMMENT ON COLUMN platform.organizations.settings IS 'Preferences of the organization, a JSON object.';
COMMENT ON COLUMN platform.organizations.created_at IS 'When the row was made.';
COMMENT ON COLUMN platform.organizations.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE platform.users (
    user_id uuid NOT NULL DEFAULT gen_random_uuid(),
    email text NOT NULL,
    display_name text NOT NULL,
    identity_subject text,
    status text NOT NULL DEFAULT 'invited',
    last_seen_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (user_id),
    CONSTRAINT users_identity_subject_key UNIQUE (identity_subject),
    CONSTRAINT users_email_check CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 320),
    CONSTRAINT users_display_name_check CHECK (btrim(display_name) <> ''),
    CONSTRAINT users_status_check CHECK (status IN ('invited', 'active', 'disabled'))
);

CREATE UNIQUE INDEX users_email_lower_key ON platform.users (lower(email));

COMMENT ON TABLE platform.users IS 'A person. Rights come from memberships; passwords and sessions are the identity provider''s.';
COMMENT ON COLUMN platform.users.user_id IS 'Key.';
COMMENT ON COLUMN platform.users.email IS 'Address as the person writes it; unique without regard to case.';
COMMENT ON COLUMN platform.users.display_name IS 'Name shown to others.';
COMMENT ON COLUMN platform.users.identity_subject IS 'Subject claim of the identity provider; NULL until the first sign-in.';
COMMENT ON COLUMN platform.users.status IS 'invited: has never signed in; active; disabled: may not sign in.';
COMMENT ON COLUMN platform.users.last_seen_at IS 'Last request seen, to the hour or so; NULL if there was none.';
COMMENT ON COLUMN platform.users.created_at IS 'When the row was made.';
COMMENT ON COLUMN platform.users.updated_at IS 'When the row was last changed; set by the writer.';
COMMENT ON INDEX platform.users_email_lower_key IS 'One account per address, whatever its case; also serves look-ups by lower(email).';

-- Roles and permissions -----------------------------------------------------------------------------------------------

CREATE TABLE platform.roles (
    role_id text NOT NULL,
    display_name text NOT NULL,
    description text NOT NULL,
    rank integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT roles_pkey PRIMARY KEY (role_id),
    CONSTRAINT roles_rank_key UNIQUE (rank),
    CONSTRAINT roles_role_id_check CHECK (role_id ~ '^[a-z][a-z_]*$'),
    CONSTRAINT roles_rank_check CHECK (rank > 0)
);

COMMENT ON TABLE platform.roles IS 'What a member of an organization can be. Reference data: the baseline comes from V2.';
COMMENT ON COLUMN platform.roles.role_id IS 'Readable key, such as owner.';
COMMENT ON COLUMN platform.roles.display_name IS 'Name shown to people.';
COMMENT ON COLUMN platform.roles.description IS 'What the role is for, in a sentence.';
COMMENT ON COLUMN platform.roles.rank IS 'Order of authority, 1 the highest: nobody may give a role that outranks their own.';
COMMENT ON COLUMN platform.roles.created_at IS 'When the row was made.';
COMMENT ON COLUMN platform.roles.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE platform.permissions (
    permission_id text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT permissions_pkey PRIMARY KEY (permission_id),
    CONSTRAINT permissions_permission_id_check CHECK (permission_id ~ '^[a-z_]+[.][a-z_]+$')
);

COMMENT ON TABLE platform.permissions IS 'A right that services ask for. Reference data: the baseline comes from V2.';
COMMENT ON COLUMN platform.permissions.permission_id IS 'Readable key, <subject>.<action>, such as repository.write.';
COMMENT ON COLUMN platform.permissions.description IS 'What it allows, in a sentence.';
COMMENT ON COLUMN platform.permissions.created_at IS 'When the row was made.';
COMMENT ON COLUMN platform.permissions.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE platform.role_permissions (
    role_id text NOT NULL,
    permission_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_permissions_pkey PRIMARY KEY (role_id, permission_id),
    CONSTRAINT role_permissions_role_id_fkey FOREIGN KEY (role_id)
        REFERENCES platform.roles (role_id) ON DELETE CASCADE,
    CONSTRAINT role_permissions_permission_id_fkey FOREIGN KEY (permission_id)
        REFERENCES platform.permissions (permission_id) ON DELETE CASCADE
);

CREATE INDEX role_permissions_permission_id_idx ON platform.role_permissions (permission_id);

COMMENT ON TABLE platform.role_permissions IS 'Which role has which permission. A row is there or not: it is never updated.';
COMMENT ON COLUMN platform.role_permissions.role_id IS 'The role that has the permission.';
COMMENT ON COLUMN platform.role_permissions.permission_id IS 'The permission it has.';
COMMENT ON COLUMN platform.role_permissions.created_at IS 'When the row was made.';

-- Memberships and invitations -----------------------------------------------------------------------------------------

CREATE TABLE platform.memberships (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memberships_pkey PRIMARY KEY (organization_id, user_id),
    CONSTRAINT memberships_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES platform.organizations (organization_id) ON DELETE CASCADE,
    CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES platform.users (user_id) ON DELETE CASCADE,
    CONSTRAINT memberships_role_id_fkey FOREIGN KEY (role_id)
        REFERENCES platform.roles (role_id)
);

CREATE INDEX memberships_user_id_idx ON platform.memberships (user_id);
CREATE INDEX memberships_role_id_idx ON platform.memberships (role_id);

COMMENT ON TABLE platform.memberships IS 'A user in an organization, with one role there.';
COMMENT ON COLUMN platform.memberships.organization_id IS 'The organization; its memberships go when it goes.';
COMMENT ON COLUMN platform.memberships.user_id IS 'The member; may be in several organizations.';
COMMENT ON COLUMN platform.memberships.role_id IS 'The role of this user in this organization. A role in use cannot be deleted.';
COMMENT ON COLUMN platform.memberships.created_at IS 'When the user joined.';
COMMENT ON COLUMN platform.memberships.updated_at IS 'When the row was last changed; set by the writer.';

CREATE TABLE platform.invitations (
    invitation_id uuid NOT NULL DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL,
    email text NOT NULL,
    role_id text NOT NULL,
    token_digest bytea NOT NULL,
    invited_by uuid,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT invitations_pkey PRIMARY KEY (invitation_id),
    CONSTRAINT invitations_token_digest_key UNIQUE (token_digest),
    CONSTRAINT invitations_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES platform.organizations (organization_id) ON DELETE CASCADE,
    CONSTRAINT invitations_role_id_fkey FOREIGN KEY (role_id)
        REFERENCES platform.roles (role_id),
    CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by)
        REFERENCES platform.users (user_id) ON DELETE SET NULL,
    CONSTRAINT invitations_email_check CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 320),
    CONSTRAINT invitations_token_digest_check CHECK (octet_length(token_digest) = 32),
    CONSTRAINT invitations_expires_at_check CHECK (expires_at > created_at),
    CONSTRAINT invitations_outcome_check CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);

CREATE UNIQUE INDEX invitations_open_key ON platform.invitations (organization_id, lower(email))
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_organization_id_idx ON platform.invitations (organization_id);
CREATE INDEX invitations_role_id_idx ON platform.invitations (role_id);
CREATE INDEX invitations_invited_by_idx ON platform.invitations (invited_by);

COMMENT ON TABLE platform.invitations IS 'An offer of membership, sent by mail; open until it is accepted, revoked or expired.';
COMMENT ON COLUMN platform.invitations.invitation_id IS 'Key.';
COMMENT ON COLUMN platform.invitations.organization_id IS 'The organization that invites.';
COMMENT ON COLUMN platform.invitations.email IS 'Whom it was sent to.';
COMMENT ON COLUMN platform.invitations.role_id IS 'The role the new member will have.';
COMMENT ON COLUMN platform.invitations.token_digest IS 'SHA-256 of the token in the mail; the token itself is not stored.';
COMMENT ON COLUMN platform.invitations.invited_by IS 'Who sent it; NULL when that user no longer exists.';
COMMENT ON COLUMN platform.invitations.expires_at IS 'After this time it cannot be accepted.';
COMMENT ON COLUMN platform.invitations.accepted_at IS 'When it was accepted; excludes revoked_at.';
COMMENT ON COLUMN platform.invitations.revoked_at IS 'When it was withdrawn; excludes accepted_at.';
COMMENT ON COLUMN platform.invitations.created_at IS 'When it was sent.';
COMMENT ON COLUMN platform.invitations.updated_at IS 'When the row was last changed; set by the writer.';
COMMENT ON INDEX platform.invitations_open_key IS 'At most one open invitation for an address in an organization.';

-- Transformations and repositories ------------------------------------------------------------------------------------

CREATE TABLE platform.transformations (
    transformation_id uuid NOT NULL DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'draft',
    owner_id uuid,
    starts_on date,
    ends_on date,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT transformations_pkey PRIMARY KEY (transformation_id),
    CONSTRAINT transformations_organization_id_slug_key UNIQUE (organization_id, slug),
    CONSTRAINT transformations_organization_id_transformation_id_key UNIQUE (organization_id, transformation_id),
    CONSTRAINT transformations_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES platform.organizations (organization_id) ON DELETE CASCADE,
    CONSTRAINT transformations_owner_id_fkey FOREIGN KEY (owner_id)
        REFERENCES platform.users (user_id) ON DELETE SET NULL,
    CONSTRAINT transformations_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT transformations_title_check CHECK (btrim(title) <> ''),
    CONSTRAINT transformations_status_check CHECK (status IN ('draft', 'active', 'paused', 'completed', 'cancelled')),
    CONSTRAINT transformations_ends_on_check CHECK (ends_on >= starts_on)
);

CREATE INDEX transformations_owner_id_idx ON platform.transformations (owner_id);

COMMENT ON TABLE platform.transformations IS 'A change programme of an organization, worked out in one or more repositories.';
COMMENT ON COLUMN platform.transformations.transformation_id IS 'Key.';
COMMENT ON COLUMN platform.transformations.organization_id IS 'The organization that owns it.';
COMMENT ON COLUMN platform.transformations.slug IS 'Name in URLs; unique in the organization.';
COMMENT ON COLUMN platform.transformations.title IS 'Name shown to people.';
COMMENT ON COLUMN platform.transformations.summary IS 'What it is to achieve; may be empty.';
COMMENT ON COLUMN platform.transformations.status IS 'draft, active, paused, completed or cancelled.';
COMMENT ON COLUMN platform.transformations.owner_id IS 'Who answers for it; NULL when nobody does (any more).';
COMMENT ON COLUMN platform.transformations.starts_on IS 'First planned day, where one is known.';
COMMENT ON COLUMN platform.transformations.ends_on IS 'Last planned day, where one is known; not before starts_on.';
COMMENT ON COLUMN platform.transformations.created_at IS 'When the row was made.';
COMMENT ON COLUMN platform.transformations.updated_at IS 'When the row was last changed; set by the writer.';
COMMENT ON CONSTRAINT transformations_organization_id_transformation_id_key ON platform.transformations
    IS 'Target of the composite foreign keys that keep links inside one organization.';

CREATE TABLE platform.repositories (
    repository_id uuid NOT NULL DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL,
    slug text NOT NULL,
    display_name text NOT NULL,
    description text NOT NULL DEFAULT '',
    visibility text NOT NULL DEFAULT 'internal',
    remote_url text,
    default_branch text NOT NULL DEFAULT 'main',
    created_by uuid,
    archived_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT repositories_pkey PRIMARY KEY (repository_id),
    CONSTRAINT repositories_organization_id_slug_key UNIQUE (organization_id, slug),
    CONSTRAINT repositories_organization_id_repository_id_key UNIQUE (organization_id, repository_id),
    CONSTRAINT repositories_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES platform.organizations (organization_id) ON DELETE CASCADE,
    CONSTRAINT repositories_created_by_fkey FOREIGN KEY (created_by)
        REFERENCES platform.users (user_id) ON DELETE SET NULL,
    CONSTRAINT repositories_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT repositories_display_name_check CHECK (btrim(display_name) <> ''),
    CONSTRAINT repositories_visibility_check CHECK (visibility IN ('private', 'internal', 'public')),
    CONSTRAINT repositories_default_branch_check CHECK (btrim(default_branch) <> '')
);

CREATE INDEX repositories_created_by_idx ON platform.repositories (created_by);

COMMENT ON TABLE platform.repositories IS 'Where the artifacts of an organization are kept: models, documents, code.';
COMMENT ON COLUMN platform.repositories.repository_id IS 'Key.';
COMMENT ON COLUMN platform.repositories.organization_id IS 'The organization that owns it.';
COMMENT ON COLUMN platform.repositories.slug IS 'Name in URLs; unique in the organization.';
COMMENT ON COLUMN platform.repositories.display_name IS 'Name shown to people.';
COMMENT ON COLUMN platform.repositories.description IS 'What is kept in it; may be empty.';
COMMENT ON COLUMN platform.repositories.visibility IS 'private: by grant; internal: all members of the organization; public: everybody.';
COMMENT ON COLUMN platform.repositories.remote_url IS 'Git remote it mirrors, without credentials; NULL if it is kept here alone.';
COMMENT ON COLUMN platform.repositories.default_branch IS 'Branch that is shown first.';
COMMENT ON COLUMN platform.repositories.created_by IS 'Who made it; NULL when that user no longer exists.';
COMMENT ON COLUMN platform.repositories.archived_at IS 'When it became read-only; NULL while it is in use.';
COMMENT ON COLUMN platform.repositories.created_at IS 'When the row was made.';
COMMENT ON COLUMN platform.repositories.updated_at IS 'When the row was last changed; set by the writer.';
COMMENT ON CONSTRAINT repositories_organization_id_repository_id_key ON platform.repositories
    IS 'Target of the composite foreign keys that keep links inside one organization.';

CREATE TABLE platform.transformation_repositories (
    organization_id uuid NOT NULL,
    transformation_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT transformation_repositories_pkey PRIMARY KEY (transformation_id, repository_id),
    CONSTRAINT transformation_repositories_transformation_fkey FOREIGN KEY (organization_id, transformation_id)
        REFERENCES platform.transformations (organization_id, transformation_id) ON DELETE CASCADE,
    CONSTRAINT transformation_repositories_repository_fkey FOREIGN KEY (organization_id, repository_id)
        REFERENCES platform.repositories (organization_id, repository_id) ON DELETE CASCADE
);

CREATE INDEX transformation_repositories_transformation_idx
    ON platform.transformation_repositories (organization_id, transformation_id);
CREATE INDEX transformation_repositories_repository_idx
    ON platform.transformation_repositories (organization_id, repository_id);

COMMENT ON TABLE platform.transformation_repositories IS 'Which transformation is worked out in which repositories. A row is there or not: it is never updated.';
COMMENT ON COLUMN platform.transformation_repositories.organization_id IS 'The organization of both sides: it is part of both foreign keys.';
COMMENT ON COLUMN platform.transformation_repositories.transformation_id IS 'The transformation.';
COMMENT ON COLUMN platform.transformation_repositories.repository_id IS 'A repository it is worked out in.';
COMMENT ON COLUMN platform.transformation_repositories.created_at IS 'When the two were linked.';

-- Audit trail ---------------------------------------------------------------------------------------------------------

CREATE TABLE platform.audit_events (
    audit_event_id bigint GENERATED ALWAYS AS IDENTITY,
    organization_id uuid,
    actor_id uuid,
    action text NOT NULL,
    subject_type text NOT NULL,
    subject_id text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT audit_events_pkey PRIMARY KEY (audit_event_id),
    CONSTRAINT audit_events_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES platform.organizations (organization_id) ON DELETE SET NULL,
    CONSTRAINT audit_events_actor_id_fkey FOREIGN KEY (actor_id)
        REFERENCES platform.users (user_id) ON DELETE SET NULL,
    CONSTRAINT audit_events_action_check CHECK (action ~ '^[a-z_]+[.][a-z_]+$'),
    CONSTRAINT audit_events_details_check CHECK (jsonb_typeof(details) = 'object')
);

CREATE INDEX audit_events_organization_id_occurred_at_idx ON platform.audit_events (organization_id, occurred_at DESC);
CREATE INDEX audit_events_actor_id_idx ON platform.audit_events (actor_id);
CREATE INDEX audit_events_subject_idx ON platform.audit_events (subject_type, subject_id);

COMMENT ON TABLE platform.audit_events IS 'Who did what, and when. Appended to only; outlives the users and organizations it names.';
COMMENT ON COLUMN platform.audit_events.audit_event_id IS 'Key, in the order of writing.';
COMMENT ON COLUMN platform.audit_events.organization_id IS 'Where it happened; NULL for events of no organization, or of one that is gone.';
COMMENT ON COLUMN platform.audit_events.actor_id IS 'Who did it; NULL for the system itself, or a user who is gone.';
COMMENT ON COLUMN platform.audit_events.action IS 'What was done, <subject>.<action>, such as membership.granted.';
COMMENT ON COLUMN platform.audit_events.subject_type IS 'Kind of thing it was done to, such as repository.';
COMMENT ON COLUMN platform.audit_events.subject_id IS 'Key of that thing, as text; no foreign key, since the thing may be gone.';
COMMENT ON COLUMN platform.audit_events.details IS 'What else is worth keeping, a JSON object; no secrets.';
COMMENT ON COLUMN platform.audit_events.occurred_at IS 'When it happened.';
