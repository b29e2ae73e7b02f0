CREATE TABLE public.images (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    document_id uuid NOT NULL,
    page_number integer NOT NULL,
    format text NOT NULL,
    dpi integer NOT NULL,
    quality integer,
    brightness integer,
    contrast integer,
    saturation integer,
    rotation integer,
    background text,
    storage_key text NOT NULL,
    size_bytes bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now()
);

ALTER TABLE ONLY public.images ADD CONSTRAINT images_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.images ADD CONSTRAINT images_storage_key_key UNIQUE (storage_key);
ALTER TABLE ONLY public.images
    ADD UNIQUE (document_id, page_number, format, dpi, quality, brightness, contrast, saturation, rotation, background);
ALTER TABLE ONLY public.images ADD CONSTRAINT images_document_id_fkey
    FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;
CREATE INDEX idx_images_created_at ON public.images USING btree (created_at DESC);
CREATE INDEX idx_images_document_id ON public.images USING btree (document_id);
