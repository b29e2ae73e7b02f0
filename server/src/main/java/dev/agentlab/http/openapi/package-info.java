/// The OpenAPI description of the API, generated from the routes.
@NullMarked
package dev.agentlab.http.openapi;

import org.jspecify.annotations.NullMarked;
