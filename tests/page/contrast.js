// Every text on the page that is harder to read than WCAG 2.2 AA allows: [text, ratio, classes].
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, bottom) =>
    [0, 1, 2].map((i) => top[i] * top[3] + bottom[i] * (1 - top[3])).concat(1);
  const chain = (node) => (node ? [node, ...chain(node.parentElement)] : []);
  const ground = (nodes) =>
    nodes
      .map((node) => rgba(getComputedStyle(node).backgroundColor))
      .reverse()
      .reduce((below, layer) => over(layer, below), rgba("canvas"));
  const light = (color) => {
    const [r, g, b] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    const node = texts.currentNode.parentElement;
    if (!/[\p{L}\p{N}]/u.test(text) || !node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (node.closest(":disabled, [aria-disabled], noscript, [aria-hidden]")) continue;
    const style = getComputedStyle(node);
    const nodes = chain(node);
    const opacity = nodes.reduce((all, item) => all * getComputedStyle(item).opacity, 1);
    const back = ground(nodes);
    const ink = rgba(style.color);
    const seen = ratio(over([...ink.slice(0, 3), ink[3] * opacity], back), back);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (seen < (large ? 3 : 4.5)) found.push([text.slice(0, 30), seen.toFixed(2), node.className]);
  }
  return found;
};
