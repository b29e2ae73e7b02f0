/// The API description, worked out from the routes that are served.
@NullMarked
package dev.agentlab.http.openapi;

import org.jspecify.annotations.NullMarked;
