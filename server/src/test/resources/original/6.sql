CREATE TABLE public.runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    workflow_name text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    params jsonb,
    result jsonb,
    error_message text,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

CREATE TABLE public.stages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    run_id uuid NOT NULL,
    node_name text NOT NULL,
    iteration integer NOT NULL,
    status text NOT NULL,
    input_snapshot jsonb,
    output_snapshot jsonb,
    duration_ms integer,
    error_message text,
    created_at timestamp with time zone DEFAULT now()
);

CREATE TABLE public.decisions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    run_id uuid NOT NULL,
    from_node text NOT NULL,
    to_node text,
    predicate_name text,
    predicate_result boolean,
    reason text,
    created_at timestamp with time zone DEFAULT now()
);

CREATE TABLE public.checkpoints (
    run_id text NOT NULL,
    state_data jsonb NOT NULL,
    checkpoint_node text NOT NULL,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

ALTER TABLE ONLY public.runs ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stages ADD CONSTRAINT stages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.decisions ADD CONSTRAINT decisions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.checkpoints ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY public.stages ADD CONSTRAINT stages_run_id_fkey
    FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.decisions ADD CONSTRAINT decisions_run_id_fkey
    FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE CASCADE;
CREATE INDEX idx_runs_created_at ON public.runs USING btree (created_at DESC);
CREATE INDEX idx_runs_status ON public.runs USING btree (status);
CREATE INDEX idx_runs_workflow_name ON public.runs USING btree (workflow_name);
CREATE INDEX idx_stages_node_name ON public.stages USING btree (node_name);
CREATE INDEX idx_stages_run_id ON public.stages USING btree (run_id);
CREATE INDEX idx_decisions_run_id ON public.decisions USING btree (run_id);
