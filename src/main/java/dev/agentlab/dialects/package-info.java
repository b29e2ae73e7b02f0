/// How providers are spoken to: one canonical dialect inside, OpenAI's, and a [Dialect] for each
/// other that translates at the edge. Computes only: no input or output happens here.
@NullMarked
package dev.agentlab.dialects;

import org.jspecify.annotations.NullMarked;
