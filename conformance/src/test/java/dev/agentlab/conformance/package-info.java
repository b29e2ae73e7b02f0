/// The published clients of OpenAI's API, unmodified, on agent-lab.
@NullMarked
package dev.agentlab.conformance;

import org.jspecify.annotations.NullMarked;
