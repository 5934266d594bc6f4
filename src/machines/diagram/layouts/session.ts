import type { Layout } from '../layout.ts';

/** Made by `npm run diagrams`. */
export const sessionLayout: Layout = {
  machine: "session",
  width: 245,
  height: 270,
  states: [
    {"id":"active","name":"active","x":37,"y":32,"width":96,"height":32,"stays":[],"children":[]},
    {"id":"completed","name":"completed","x":23,"y":140,"width":99,"height":32,"stays":[],"children":[]},
    {"id":"archived","name":"archived","x":8,"y":230,"width":96,"height":32,"stays":[],"children":[]},
    {"id":"paused","name":"paused","x":118,"y":230,"width":96,"height":32,"stays":[],"children":[]},
  ],
  edges: [
    {"from":"active","to":"completed","points":[{"x":56,"y":64},{"x":56,"y":140}],"label":{"x":26,"y":102,"width":60,"height":18},"events":["COMPLETE"]},
    {"from":"completed","to":"archived","points":[{"x":56,"y":172},{"x":56,"y":230}],"label":{"x":29,"y":192,"width":53,"height":18},"events":["ARCHIVE"]},
    {"from":"active","to":"paused","points":[{"x":95,"y":64},{"x":95,"y":83},{"x":161,"y":83},{"x":161,"y":220},{"x":166,"y":220},{"x":166,"y":230}],"label":{"x":141,"y":147,"width":40,"height":18},"events":["PAUSE"]},
    {"from":"paused","to":"active","points":[{"x":190,"y":230},{"x":190,"y":220},{"x":214,"y":220},{"x":214,"y":74},{"x":114,"y":74},{"x":114,"y":64}],"label":{"x":190,"y":147,"width":47,"height":18},"events":["RESUME"]},
    {"from":"paused","to":"completed","points":[{"x":142,"y":230},{"x":142,"y":220},{"x":121,"y":220},{"x":121,"y":182},{"x":89,"y":182},{"x":89,"y":172}],"label":{"x":91,"y":192,"width":60,"height":18},"events":["COMPLETE"]},
    {"from":"completed","to":"active","points":[{"x":89,"y":140},{"x":89,"y":130},{"x":119,"y":130},{"x":119,"y":92},{"x":75,"y":92},{"x":75,"y":64}],"label":{"x":95,"y":102,"width":47,"height":18},"events":["RESUME"]},
  ],
  starts: [
    {"state":"active","dot":{"x":85,"y":13},"points":[{"x":85,"y":18},{"x":85,"y":32}]},
  ],
  facts: null,
};
