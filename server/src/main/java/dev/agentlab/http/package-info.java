/// The HTTP server: typed routes, requests and responses, problem details, TLS and CORS.
/// Encapsulates Vert.x.
@NullMarked
package dev.agentlab.http;

import org.jspecify.annotations.NullMarked;
