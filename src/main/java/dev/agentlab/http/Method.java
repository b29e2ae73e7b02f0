package dev.agentlab.http;

/// The HTTP methods routes use. `HEAD` is answered from `GET`, `OPTIONS` by the edge.
public enum Method {
  GET,
  POST,
  PUT,
  DELETE
}
