/// Translation between the canonical dialect (OpenAI's API) and the APIs of the providers: one
/// [Dialect] for each API. Pure computation; the package performs no I/O.
@NullMarked
package dev.agentlab.dialects;

import org.jspecify.annotations.NullMarked;
