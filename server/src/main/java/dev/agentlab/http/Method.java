package dev.agentlab.http;

/// The HTTP methods of routes. The server implements `HEAD` with `GET`, and `OPTIONS` itself.
public enum Method {
  GET,
  POST,
  PUT,
  PATCH,
  DELETE
}
