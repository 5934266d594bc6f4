import type { Layout } from '../layout.ts';

/** Made by `npm run diagrams`. */
export const taskLayout: Layout = {
  machine: "task",
  width: 679,
  height: 1019,
  states: [
    {"id":"pending","name":"pending","x":54,"y":32,"width":170,"height":116,"stays":[["COMPLETE.continue"],["COMPLETE.needs_revision"],["TIMER","DEPENDENCY_ADD"],["DEPENDENCY_REMOVE"],["DEPENDENCY_WAIVE","REVISE"],["EDIT","NOTE"]],"children":[]},
    {"id":"in_progress","name":"in_progress","x":8,"y":297,"width":189,"height":88,"stays":[["PROGRESS","COMPLETE.continue"],["TIMER","DEPENDENCY_REMOVE"],["DEPENDENCY_WAIVE","REVISE"],["EDIT","NOTE"]],"children":[]},
    {"id":"completed","name":"completed","x":96,"y":486.2,"width":99,"height":46,"stays":[["NOTE"]],"children":[]},
    {"id":"archived","name":"archived","x":81,"y":649,"width":96,"height":46,"stays":[["DELETE"]],"children":[]},
    {"id":"blocked","name":"blocked","x":265,"y":621,"width":170,"height":88,"stays":[["TIMER","DEPENDENCY_ADD"],["DEPENDENCY_REMOVE"],["DEPENDENCY_WAIVE","REVISE"],["EDIT","NOTE"]],"children":[]},
    {"id":"failed","name":"failed","x":173,"y":799,"width":96,"height":46,"stays":[["NOTE"]],"children":[]},
    {"id":"cancelled","name":"cancelled","x":179,"y":915,"width":99,"height":46,"stays":[["NOTE"]],"children":[]},
  ],
  edges: [
    {"from":"pending","to":"in_progress","points":[{"x":71,"y":148},{"x":71,"y":297}],"label":{"x":51,"y":245,"width":40,"height":18},"events":["START"]},
    {"from":"in_progress","to":"completed","points":[{"x":121,"y":385},{"x":121,"y":486.2}],"label":{"x":91,"y":421,"width":60,"height":18},"events":["COMPLETE"]},
    {"from":"completed","to":"archived","points":[{"x":129,"y":532.2},{"x":129,"y":649}],"label":{"x":102,"y":569,"width":53,"height":32},"events":["ARCHIVE","DELETE"]},
    {"from":"pending","to":"completed","points":[{"x":105,"y":148},{"x":105,"y":212},{"x":266,"y":212},{"x":266,"y":287},{"x":241,"y":287},{"x":241,"y":456},{"x":146,"y":456},{"x":146,"y":486.2}],"label":{"x":211,"y":325,"width":60,"height":32},"events":["always","COMPLETE"]},
    {"from":"pending","to":"blocked","points":[{"x":139,"y":148},{"x":139,"y":194},{"x":382,"y":194},{"x":382,"y":395},{"x":332,"y":395},{"x":332,"y":611},{"x":350,"y":611},{"x":350,"y":621}],"label":{"x":276,"y":414,"width":111,"height":32},"events":["COMPLETE.blocked","BLOCK"]},
    {"from":"pending","to":"cancelled","points":[{"x":190,"y":148},{"x":190,"y":167},{"x":547,"y":167},{"x":547,"y":896},{"x":250,"y":896},{"x":250,"y":915}],"label":{"x":523,"y":576,"width":47,"height":18},"events":["CANCEL"]},
    {"from":"in_progress","to":"pending","points":[{"x":134,"y":297},{"x":134,"y":287},{"x":178,"y":287},{"x":178,"y":221},{"x":88,"y":221},{"x":88,"y":148}],"label":{"x":100,"y":231,"width":156,"height":46},"events":["COMPLETE.needs_revision","FAIL","TIMER"]},
    {"from":"in_progress","to":"blocked","points":[{"x":159,"y":385},{"x":159,"y":404},{"x":265,"y":404},{"x":265,"y":611},{"x":308,"y":611},{"x":308,"y":621}],"label":{"x":209,"y":496,"width":111,"height":32},"events":["COMPLETE.blocked","BLOCK"]},
    {"from":"in_progress","to":"failed","points":[{"x":84,"y":385},{"x":84,"y":395},{"x":70,"y":395},{"x":70,"y":728},{"x":85,"y":728},{"x":85,"y":789},{"x":189,"y":789},{"x":189,"y":799}],"label":{"x":50,"y":569,"width":40,"height":32},"events":["FAIL","TIMER"]},
    {"from":"in_progress","to":"cancelled","points":[{"x":46,"y":385},{"x":46,"y":395},{"x":37,"y":395},{"x":37,"y":896},{"x":193,"y":896},{"x":193,"y":915}],"label":{"x":13,"y":656,"width":47,"height":18},"events":["CANCEL"]},
    {"from":"blocked","to":"pending","points":[{"x":393,"y":621},{"x":393,"y":611},{"x":370,"y":611},{"x":370,"y":456},{"x":423,"y":456},{"x":423,"y":185},{"x":156,"y":185},{"x":156,"y":148}],"label":{"x":396,"y":414,"width":53,"height":32},"events":["ANSWER","UNBLOCK"]},
    {"from":"blocked","to":"cancelled","points":[{"x":378,"y":709},{"x":378,"y":719},{"x":469,"y":719},{"x":469,"y":887},{"x":236,"y":887},{"x":236,"y":915}],"label":{"x":445,"y":813,"width":47,"height":18},"events":["CANCEL"]},
    {"from":"completed","to":"pending","points":[{"x":170,"y":486.2},{"x":170,"y":465},{"x":255,"y":465},{"x":255,"y":395},{"x":326,"y":395},{"x":326,"y":203},{"x":122,"y":203},{"x":122,"y":148}],"label":{"x":280,"y":318,"width":92,"height":46},"events":["REOPEN","REVISE","CHILD_CHANGED"]},
    {"from":"failed","to":"completed","points":[{"x":221,"y":799},{"x":221,"y":559},{"x":162,"y":559},{"x":162,"y":532.2}],"label":{"x":191,"y":656,"width":60,"height":18},"events":["COMPLETE"]},
    {"from":"failed","to":"pending","points":[{"x":253,"y":799},{"x":253,"y":789},{"x":459,"y":789},{"x":459,"y":176},{"x":173,"y":176},{"x":173,"y":148}],"label":{"x":381,"y":475,"width":156,"height":74},"events":["COMPLETE.continue","COMPLETE.needs_revision","RETRY","REVISE","CHILD_CHANGED"]},
    {"from":"failed","to":"blocked","points":[{"x":237,"y":799},{"x":237,"y":780},{"x":322,"y":780},{"x":322,"y":709}],"label":{"x":266,"y":745,"width":111,"height":18},"events":["COMPLETE.blocked"]},
    {"from":"failed","to":"cancelled","points":[{"x":221,"y":845},{"x":221,"y":915}],"label":{"x":197,"y":859,"width":47,"height":18},"events":["CANCEL"]},
    {"from":"failed","to":"archived","points":[{"x":205,"y":799},{"x":205,"y":780},{"x":145,"y":780},{"x":145,"y":695}],"label":{"x":118,"y":738,"width":53,"height":32},"events":["ARCHIVE","DELETE"]},
    {"from":"cancelled","to":"pending","points":[{"x":264,"y":915},{"x":264,"y":905},{"x":625,"y":905},{"x":625,"y":158},{"x":207,"y":158},{"x":207,"y":148}],"label":{"x":579,"y":569,"width":92,"height":32},"events":["REOPEN","CHILD_CHANGED"]},
    {"from":"cancelled","to":"archived","points":[{"x":207,"y":915},{"x":207,"y":887},{"x":75,"y":887},{"x":75,"y":719},{"x":113,"y":719},{"x":113,"y":695}],"label":{"x":48,"y":806,"width":53,"height":32},"events":["ARCHIVE","DELETE"]},
  ],
  starts: [
    {"state":"pending","dot":{"x":139,"y":13},"points":[{"x":139,"y":18},{"x":139,"y":32}]},
  ],
  facts: {"x":8,"y":973,"width":663,"height":38,"lines":[["DEPENDENCY_CHANGED","DEPENDENT_CHANGED","CHILD_CHANGED"]]},
};
