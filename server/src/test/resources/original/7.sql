CREATE TABLE public.profiles (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    workflow_name text NOT NULL,
    name text NOT NULL,
    description text,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

CREATE TABLE public.profile_stages (
    profile_id uuid NOT NULL,
    stage_name text NOT NULL,
    agent_id uuid,
    system_prompt text,
    options jsonb
);

ALTER TABLE ONLY public.profiles ADD CONSTRAINT profiles_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.profiles ADD CONSTRAINT profiles_workflow_name_name_key UNIQUE (workflow_name, name);
ALTER TABLE ONLY public.profile_stages ADD CONSTRAINT profile_stages_pkey PRIMARY KEY (profile_id, stage_name);
ALTER TABLE ONLY public.profile_stages ADD CONSTRAINT profile_stages_agent_id_fkey
    FOREIGN KEY (agent_id) REFERENCES public.agents(id);
ALTER TABLE ONLY public.profile_stages ADD CONSTRAINT profile_stages_profile_id_fkey
    FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;
CREATE INDEX idx_profiles_workflow_name ON public.profiles USING btree (workflow_name);
