/// The strict JSON mapper of the service, and annotations for the API description.
@NullMarked
package dev.agentlab.json;

import org.jspecify.annotations.NullMarked;
