/// Validation of callers' JSON Schemas, and of responses against them, with limits of time, depth
/// and memory, on dedicated threads.
@NullMarked
package dev.agentlab.jsonschema;

import org.jspecify.annotations.NullMarked;
