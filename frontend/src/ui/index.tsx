/** The parts that every page is made of. Import them from "../ui". */

export { Badge, Bar, Button, Card, Empty, Facts, Money, Skeleton, classes, type Fact, type Tone } from "./parts";
export { Banner } from "./banner";
export { Dialog } from "./dialog";
export { Failure, Loaded } from "./loaded";
export { Field } from "./field";
export { Prose } from "./prose";
export { Table, type Column } from "./table";
export { Tabs } from "./tabs";
