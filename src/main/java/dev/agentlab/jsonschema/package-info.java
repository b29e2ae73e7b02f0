/// JSON Schemas that callers bring: judged, and answers held to them, within bounds of time, depth
/// and memory, on threads that nothing else waits for.
@NullMarked
package dev.agentlab.jsonschema;

import org.jspecify.annotations.NullMarked;
