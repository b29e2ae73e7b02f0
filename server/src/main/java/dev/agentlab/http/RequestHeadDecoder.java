package dev.agentlab.http;

import io.netty.handler.codec.http.HttpMessage;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;

/// An HTTP request decoder that keeps the headers that [RequestHead] validates. The default decoder
/// silently drops `Content-Length` if there is a `Transfer-Encoding`.
final class RequestHeadDecoder extends VertxHttpRequestDecoder {
  RequestHeadDecoder(Http1ServerConfig config) {
    super(config);
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    // Keep both headers.
  }
}
