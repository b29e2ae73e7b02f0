/// The responses of OpenAI's Responses API to which clients may refer in later requests: each belongs to
/// its caller, and its content is encrypted.
@NullMarked
package dev.agentlab.responses;

import org.jspecify.annotations.NullMarked;
