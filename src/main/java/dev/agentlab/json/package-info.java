/// The one strict JSON mapper.
@NullMarked
package dev.agentlab.json;

import org.jspecify.annotations.NullMarked;
