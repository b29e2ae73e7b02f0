/// The published clients of OpenAI's and Anthropic's APIs, unmodified, on agent-lab.
@NullMarked
package dev.agentlab.conformance;

import org.jspecify.annotations.NullMarked;
