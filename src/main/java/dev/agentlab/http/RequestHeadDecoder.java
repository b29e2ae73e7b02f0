package dev.agentlab.http;

import io.netty.handler.codec.http.HttpMessage;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;

/// The HTTP codec's reader of requests, which leaves in a head what [RequestHead] has to see. Its
/// own way with a length beside a transfer coding is to forget the length and tell nobody.
final class RequestHeadDecoder extends VertxHttpRequestDecoder {
  RequestHeadDecoder(Http1ServerConfig config) {
    super(config);
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    // Both stay.
  }
}
